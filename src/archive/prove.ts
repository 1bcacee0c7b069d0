import { type Actor, type Db, fail, inTransaction, sql } from '../base/index.ts'
import { hashLeaf } from '../ledger/index.ts'
import { type Outside, type Proven, proveLeaves } from '../notary/index.ts'
import { record } from '../trail/index.ts'
import type { MessageKey, MessageProof } from './contract.ts'
import { ENVELOPE } from './envelope.ts'
import { linksInOrder, type MessageEnvelope, messageRecord, RECORD_VERSION } from './record.ts'
import { authoriseConversation } from './transcript.ts'

/**
 * That one message stands in the signed ledger, as a file that others check without us: what the record says of the
 * message (no content, but the salted hash of it), its path to the signed checkpoint, and time stamps over that.
 *
 * @throws ledger.unsealed in the first second after its arrival; ledger.fork when the row is not what was sealed.
 */
export async function proveMessage(
  db: Db,
  actor: Actor,
  outside: Outside,
  key: MessageKey,
): Promise<MessageProof> {
  return inTransaction(db, async tx => {
    await authoriseConversation(tx, actor, key.convId)
    const row = await envelopeOf(tx, actor.house.corp, key)
    if (!row) throw fail('thing.missing', { msgid: key.msgid })
    const { index, commitment, ...envelope } = row
    if (index === null) throw fail('ledger.unsealed', { msgid: key.msgid })
    const proven = await proveLeaves(tx, actor.house, outside, 'archive', [index])
    const leaf = proven.leaves[0]
    if (!leaf?.recordHash.equals(messageRecord(envelope, commitment)))
      throw fail('ledger.fork', { index, hint: 'the message in the database is not the one that was sealed' })
    await record(tx, actor, {
      verb: 'proof.issued',
      thing: { kind: 'conversation', id: key.convId },
      detail: { msgid: key.msgid, index },
    })
    return viewOf(proven, leaf, { version: RECORD_VERSION, envelope, commitment: commitment.toString('hex') })
  })
}

function viewOf(
  proven: Proven,
  leaf: Proven['leaves'][number],
  stated: { version: number; envelope: MessageEnvelope; commitment: string },
): MessageProof {
  const { checkpoint } = proven
  return {
    format: 'tongjian-proof/1',
    log: proven.log,
    record: { ...stated, kind: 'message', envelope: { ...stated.envelope } },
    leaf: {
      index: leaf.index,
      recordHash: leaf.recordHash.toString('hex'),
      leafHash: hashLeaf(leaf.recordHash).toString('hex'),
    },
    proof: leaf.proof.map(hash => hash.toString('hex')),
    checkpoint: { ...checkpoint, root: checkpoint.root.toString('hex') },
    verifier: proven.verifier,
    stamps: proven.stamps.map(stamp => ({
      size: stamp.size,
      stampedAt: stamp.stampedAt,
      authority: stamp.authority,
      serial: stamp.serial,
      policy: stamp.policy,
      note: stamp.note,
      response: stamp.response.toString('base64'),
      consistency: stamp.consistency.map(hash => hash.toString('hex')),
    })),
  }
}

type Row = MessageEnvelope & { index: number | null; commitment: Buffer }

async function envelopeOf(db: Db, corp: number, key: MessageKey): Promise<Row | null> {
  const { rows } = await sql<Row>`
    SELECT ${ENVELOPE}, m.commitment,
      (SELECT min(f.idx) FROM leaf f WHERE f.corp_id = m.corp_id AND f.log_id = 'archive' AND f.conv_id = m.conv_id
        AND f.sent_at = m.sent_at AND f.ref = m.src_msgid AND f.kind = 'message') AS index
    FROM message m WHERE m.corp_id = ${corp} AND m.conv_id = ${key.convId}::bigint
      AND m.sent_at = ${new Date(key.sentAt).toISOString()}::timestamptz AND m.src_msgid = ${key.msgid}
  `.execute(db)
  const [row] = rows
  return row ? { ...row, links: linksInOrder(row.links) } : null
}
