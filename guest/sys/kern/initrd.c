/* SPDX-License-Identifier: ISC */
/*
 * Fill a new tmpfs from the initrd, a cpio archive of format newc.  Nodes
 * and entries are made directly: there is nobody yet to look up paths for.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/stat.h>
#include <sys/vnode.h>
#include <tmpfs/tmpfs.h>
#include <kern/initrd.h>

/* One entry of the archive, decoded. */
struct initrd_entry {
	size_t		 offset;	/* of its header, for messages */
	const char	*name;		/* path, NUL terminated */
	const char	*data;		/* contents or link text */
	size_t		 size;		/* bytes of data */
	mode_t		 mode;		/* type and permissions */
	uid_t		 uid;		/* owner */
	gid_t		 gid;		/* group */
	time_t		 mtime;		/* last change */
	dev_t		 rdev;		/* device number */
	u_int		 nlink;		/* names in the archive */
	size_t		 next;		/* offset of the next header */
};

/* Eight hexadecimal digits. */
u_int
initrd_number(const char digits[8], size_t offset, const char *what)
{
	u_int value = 0;
	int i;
	char c;

	for (i = 0; i < 8; i++) {
		c = digits[i];
		if (c >= '0' && c <= '9')
			c -= '0';
		else if (c >= 'a' && c <= 'f')
			c -= 'a' - 10;
		else if (c >= 'A' && c <= 'F')
			c -= 'A' - 10;
		else
			panic("initrd: offset %zu: %s is not a number",
			    offset, what);
		value = value << 4 | c;
	}
	return value;
}

/* Decode the entry whose header is at offset of the archive. */
void
initrd_decode(const char *archive, size_t size, size_t offset,
    struct initrd_entry *entry)
{
	const struct cpio_newc_header *header;
	size_t namesize, place;

	if (size - offset < sizeof(*header))
		panic("initrd: offset %zu: the archive ends within a header",
		    offset);
	header = (const void *)(archive + offset);
	if (memcmp(header->c_magic, CPIO_NEWC_MAGIC,
	    sizeof(header->c_magic)) != 0)
		panic("initrd: offset %zu: not a newc header", offset);

#define NUMBER(field)	initrd_number(header->field, offset, #field)
	entry->offset = offset;
	entry->mode = NUMBER(c_mode);
	entry->uid = NUMBER(c_uid);
	entry->gid = NUMBER(c_gid);
	entry->nlink = NUMBER(c_nlink);
	entry->mtime = NUMBER(c_mtime);
	entry->size = NUMBER(c_filesize);
	entry->rdev = makedev(NUMBER(c_rdevmajor), NUMBER(c_rdevminor));
	namesize = NUMBER(c_namesize);
#undef NUMBER

	place = offset + sizeof(*header);
	if (namesize == 0 || namesize > MAXPATHLEN || namesize > size - place)
		panic("initrd: offset %zu: bad name size %zu", offset,
		    namesize);
	entry->name = archive + place;
	if (entry->name[namesize - 1] != '\0' ||
	    strnlen(entry->name, namesize) != namesize - 1)
		panic("initrd: offset %zu: the name is not terminated",
		    offset);
	place = roundup(place + namesize, CPIO_NEWC_ALIGN);
	if (place > size || entry->size > size - place)
		panic("initrd: %s: the archive ends within its data",
		    entry->name);
	entry->data = archive + place;
	entry->next = roundup(place + entry->size, CPIO_NEWC_ALIGN);
}

/*
 * The directory that entry's path lies in; *namep and *lenp are its last
 * component, of length 0 for the root itself.
 */
struct tmpfs_node *
initrd_parent(struct tmpfs_mount *tmp, struct initrd_entry *entry,
    const char **namep, size_t *lenp)
{
	struct tmpfs_node *dir = tmp->tm_root;
	struct tmpfs_dirent *de;
	const char *cp = entry->name, *end;
	size_t len;

	for (;;) {
		while (*cp == '/')
			cp++;
		for (end = cp; *end != '\0' && *end != '/'; end++)
			continue;
		len = end - cp;
		if (len == 1 && *cp == '.') {
			cp = end;
			continue;
		}
		if (len == 2 && cp[0] == '.' && cp[1] == '.')
			panic("initrd: %s: .. in a path", entry->name);
		if (len > NAME_MAX)
			panic("initrd: %s: name too long", entry->name);
		while (*end == '/')
			end++;
		if (*end == '\0') {
			*namep = cp;
			*lenp = len;
			return dir;
		}
		de = tmpfs_dir_lookup(dir, cp, len);
		if (de == NULL || de->td_node->tn_type != VDIR)
			panic("initrd: %s: no directory for it",
			    entry->name);
		dir = de->td_node;
		cp = end;
	}
}

/* Make the file of entry. */
void
initrd_file(struct tmpfs_mount *tmp, struct initrd_entry *entry)
{
	enum vtype type = IFTOVT(entry->mode);
	struct tmpfs_node *dir, *node;
	struct tmpfs_dirent *de;
	const char *name;
	size_t len;
	int error = 0;

	dir = initrd_parent(tmp, entry, &name, &len);
	if (type != VREG && type != VDIR && type != VLNK && type != VCHR)
		panic("initrd: %s: mode 0%o is no file, directory, symbolic "
		    "link or character device", entry->name, entry->mode);
	if (type == VREG && entry->nlink > 1)
		panic("initrd: %s: hard links are not supported",
		    entry->name);
	if (type == VLNK && (entry->size == 0 || entry->size >= MAXPATHLEN))
		panic("initrd: %s: bad length of a symbolic link",
		    entry->name);

	if (len == 0)
		node = tmp->tm_root;
	else if ((de = tmpfs_dir_lookup(dir, name, len)) != NULL) {
		/* A directory may be mentioned twice. */
		node = de->td_node;
		if (type != VDIR || node->tn_type != VDIR)
			panic("initrd: %s: occurs twice", entry->name);
	} else {
		error = tmpfs_alloc_node(tmp, type, 0, 0, 0, entry->data,
		    entry->size, entry->rdev, &node);
		de = tmpfs_dirent_get(tmp, name, len);
		if (error || de == NULL)
			panic("initrd: %s: no memory for it", entry->name);
		if (type == VREG && tmpfs_reg_fill(tmp, node, entry->data,
		    entry->size) != 0)
			panic("initrd: %s: no memory for its %zu bytes",
			    entry->name, entry->size);
		tmpfs_dir_attach(dir, de, node);
	}
	if (node->tn_type != type)
		panic("initrd: %s: the root is a directory", entry->name);
	node->tn_mode = entry->mode & ALLPERMS;
	node->tn_uid = entry->uid;
	node->tn_gid = entry->gid;
	if (entry->mtime != 0)
		node->tn_mtime.tv_sec = entry->mtime;
}

/* Unpack the archive of size bytes at archive into the new tmpfs tmp. */
void
initrd_unpack(struct tmpfs_mount *tmp, const void *archive, size_t size)
{
	struct initrd_entry entry;
	size_t offset = 0;

	for (;;) {
		if (offset >= size)
			panic("initrd: offset %zu: no trailer", offset);
		initrd_decode(archive, size, offset, &entry);
		if (strcmp(entry.name, CPIO_NEWC_TRAILER) == 0)
			break;
		initrd_file(tmp, &entry);
		offset = entry.next;
	}
}
