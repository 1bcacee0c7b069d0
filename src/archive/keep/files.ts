import { type Blobs, type Db, failpoint, inTransaction, sql, type Tx } from '../../base/index.ts'
import { mediaScope, pieceName } from '../media.ts'
import { lockFile, selectStored } from '../media-store.ts'
import { selectFiles } from './purge-store.ts'

/**
 * Remove the files whose messages are gone, each under the lock that also guards its storing: a message that brings the
 * same file again waits, finds it gone and stores it anew. A file that another message still needs stays (`shared`).
 * Killed between folder and commit, it is removed once more: nothing there is no error.
 */
export async function removeFiles(db: Db, corp: number, blobs: Blobs, request: string): Promise<void> {
  for (const { sha256, state } of await selectFiles(db, corp, request)) {
    if (state !== 'waiting') continue
    await inTransaction(db, tx => removeFile(tx, corp, blobs, request, sha256))
  }
}

async function removeFile(
  tx: Tx,
  corp: number,
  blobs: Blobs,
  request: string,
  sha256: Buffer,
): Promise<void> {
  await lockFile(tx, mediaScope(sha256).conv)
  const needed = await stillNeeded(tx, corp, sha256)
  const stored = needed ? null : await selectStored(tx, corp, sha256)
  for (let n = 0; n < (stored?.pieces ?? 0); n += 1) await blobs.remove(pieceName(sha256, n))
  failpoint('purge.file')
  if (!needed) await sql`DELETE FROM media WHERE corp_id = ${corp} AND sha256 = ${sha256}`.execute(tx)
  await sql`UPDATE purge_file SET state = ${needed ? 'shared' : 'removed'}
    WHERE corp_id = ${corp} AND request_id = ${request}::uuid AND sha256 = ${sha256}`.execute(tx)
}

async function stillNeeded(tx: Tx, corp: number, sha256: Buffer): Promise<boolean> {
  const { rows } = await sql`
    SELECT 1 FROM message_media a WHERE a.corp_id = ${corp} AND a.sha256 = ${sha256} AND NOT EXISTS (SELECT FROM destroyed d
      WHERE d.corp_id = a.corp_id AND d.conv_id = a.conv_id AND d.sent_at = a.sent_at AND d.src_msgid = a.src_msgid
        AND d.item = 'file:' || a.part) LIMIT 1`.execute(tx)
  return rows.length > 0
}
