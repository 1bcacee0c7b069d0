import { benchCommand } from '../bench/index.ts'
import { demoCommand } from '../sim/demo.ts'
import { runCommand } from '../src/app/commands/index.ts'

process.exitCode = await runCommand(process.argv.slice(2), { demo: demoCommand, bench: benchCommand })
// Commands close what they opened; a stuck handle must not keep a shell waiting.
process.exit()
