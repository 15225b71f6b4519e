/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <time.h>

extern const char *const __tm_days[7];
extern const char *const __tm_months[12];

/* What one conversion stands for; NULL if it is unknown. */
static const char *
expand(char conversion, const struct tm *tm, char *buf, size_t size)
{
	struct tm copy;
	int hour;

	switch (conversion) {
	case 'A':
		return __tm_days[tm->tm_wday];
	case 'a':
		snprintf(buf, size, "%.3s", __tm_days[tm->tm_wday]);
		break;
	case 'B':
		return __tm_months[tm->tm_mon];
	case 'b':
	case 'h':
		snprintf(buf, size, "%.3s", __tm_months[tm->tm_mon]);
		break;
	case 'C':
		snprintf(buf, size, "%02d", (tm->tm_year + 1900) / 100);
		break;
	case 'c':
		strftime(buf, size, "%a %b %e %H:%M:%S %Y", tm);
		break;
	case 'D':
		strftime(buf, size, "%m/%d/%y", tm);
		break;
	case 'd':
		snprintf(buf, size, "%02d", tm->tm_mday);
		break;
	case 'e':
		snprintf(buf, size, "%2d", tm->tm_mday);
		break;
	case 'F':
		strftime(buf, size, "%Y-%m-%d", tm);
		break;
	case 'H':
		snprintf(buf, size, "%02d", tm->tm_hour);
		break;
	case 'I':
		hour = tm->tm_hour % 12;
		snprintf(buf, size, "%02d", hour == 0 ? 12 : hour);
		break;
	case 'j':
		snprintf(buf, size, "%03d", tm->tm_yday + 1);
		break;
	case 'M':
		snprintf(buf, size, "%02d", tm->tm_min);
		break;
	case 'm':
		snprintf(buf, size, "%02d", tm->tm_mon + 1);
		break;
	case 'n':
		return "\n";
	case 'p':
		return tm->tm_hour < 12 ? "AM" : "PM";
	case 'R':
		strftime(buf, size, "%H:%M", tm);
		break;
	case 'S':
		snprintf(buf, size, "%02d", tm->tm_sec);
		break;
	case 's':
		copy = *tm;
		snprintf(buf, size, "%lld", timegm(&copy));
		break;
	case 'T':
		strftime(buf, size, "%H:%M:%S", tm);
		break;
	case 't':
		return "\t";
	case 'u':
		snprintf(buf, size, "%d", tm->tm_wday == 0 ? 7 : tm->tm_wday);
		break;
	case 'w':
		snprintf(buf, size, "%d", tm->tm_wday);
		break;
	case 'Y':
		snprintf(buf, size, "%d", tm->tm_year + 1900);
		break;
	case 'y':
		snprintf(buf, size, "%02d", (tm->tm_year + 1900) % 100);
		break;
	case 'Z':
		return "UTC";
	case 'z':
		return "+0000";
	case '%':
		return "%";
	default:
		return NULL;
	}
	return buf;
}

/* The length of the result, or 0 if it does not fit. */
size_t
strftime(char *result, size_t max, const char *format, const struct tm *tm)
{
	char buf[64];
	const char *text;
	size_t used = 0, len;

	for (; *format != '\0'; format++) {
		if (*format == '%' && format[1] != '\0') {
			text = expand(*++format, tm, buf, sizeof(buf));
			if (text == NULL)
				return 0;
			len = strlen(text);
		} else {
			text = format;
			len = 1;
		}
		if (len >= max - used)
			return 0;
		memcpy(result + used, text, len);
		used += len;
	}
	if (used >= max)
		return 0;
	result[used] = '\0';
	return used;
}
