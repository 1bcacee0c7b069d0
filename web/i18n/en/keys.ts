import type { sealing as words } from '../zh-CN/keys.ts'

/** Keys: what seals the archive, and what was done to it. */
export const sealing: Record<keyof typeof words, string> = {
  'trail.keys.rotation_began': 'change of the master key began',
  'trail.keys.rotated': 'master key changed',
  'trailThing.key': 'master key',
  'trailDetail.master': 'fingerprint',
  'trailDetail.before': 'fingerprint before',
  'trailDetail.keys': 'data keys',
  'error.key.in_use': 'The key of this content is still in use: its month has not been over for ten days.',
  'system.keys': 'Encryption',
  'system.keys.suite': 'Algorithms',
  'system.keys.suite.international': 'AES-256, SHA-256, Ed25519',
  'system.keys.suite.gm': '国密 SM4, SM3, SM2',
  'system.keys.master': 'Master key',
  'system.keys.since': 'In force since',
  'system.keys.source': 'Kept',
  'system.keys.source.file': 'in a file apart from the data',
  'system.keys.source.environment': 'in the environment',
  'system.keys.source.command': 'by a key system',
  'system.keys.beside': 'beside the data; it should lie elsewhere',
  'system.keys.count': 'Data keys',
  'system.keys.items': '{n}',
  'system.keys.elsewhere': 'To be changed',
  'system.keys.elsewhereWhat': '{n} still under an old master key',
  'system.keys.shredded': 'Destroyed',
}
