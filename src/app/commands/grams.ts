import { rebuildGrams } from '../../archive/index.ts'
import type { Config, Log } from '../../base/index.ts'
import { openPremises } from '../house.ts'
import { noteGramGaps } from '../integrity/conditions.ts'
import type { Io } from './io.ts'

/** Make the missing search grams again. It may be stopped and started again at any moment. */
export async function gramsCommand(config: Config, log: Log, io: Io): Promise<number> {
  const premises = await openPremises(config, log, { mode: 'command' })
  try {
    const { db, house } = premises
    const made = await rebuildGrams(db, house, n => io.err(`已补建 ${n} 条 …`))
    await noteGramGaps(premises)
    io.out(JSON.stringify({ rebuilt: made }))
    return 0
  } finally {
    await premises.close()
  }
}
