import { wecomRegister } from '../../wecom/index.ts'
import type { Io } from './io.ts'

/** Print the register of WeCom's endpoints in use; docs/WECOM-APIS.md holds it. */
export function wecomRegisterCommand(io: Io): number {
  io.out(wecomRegister().trimEnd())
  return 0
}
