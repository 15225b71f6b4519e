import { objectPart } from '../object-part.ts';
import { PACKET_SIZE } from '../packet-codec.ts';
import { malformed, refused } from '../packet-error.ts';
import type { PacketFamily } from '../packet-family.ts';
import type { Session } from '../session.ts';
import type { GdbTarget } from '../target.ts';

/** `qSupported QStartNoAckMode qXfer:features`: what both sides can. The features are those of all families. */
export function queryPackets(families: readonly PacketFamily[]): PacketFamily {
  const features = (target: GdbTarget): string[] => [
    `PacketSize=${PACKET_SIZE.toString(16)}`,
    'QStartNoAckMode+',
    'qXfer:features:read+',
    ...families.flatMap((family) => family.features?.(target) ?? []),
  ];
  return {
    exact: () => ({
      qSupported: (session) => features(session.target).join(';'),
      QStartNoAckMode: (session) => {
        session.withoutAcknowledgements = true;
        return 'OK';
      },
    }),
    prefixed: () => ({
      'qSupported:': (session, argument) => {
        const client = argument.split(';');
        if (client.includes('swbreak+')) session.namedBreakpoints.add('software');
        if (client.includes('hwbreak+')) session.namedBreakpoints.add('hardware');
        return features(session.target).join(';');
      },
      'qXfer:features:read:': readDescription,
    }),
  };
}

function readDescription(session: Session, argument: string): string {
  const [annex, range = '', ...rest] = argument.split(':');
  if (rest.length > 0) throw malformed('ANNEX:OFFSET,LENGTH');
  if (annex !== 'target.xml') throw refused(`there is no ${annex}`);
  return objectPart(session.target.registers.description, range);
}
