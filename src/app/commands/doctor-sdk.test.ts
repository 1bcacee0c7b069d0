import { appendFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { standIn } from '../../../test/support/finance-sdk.ts'
import { testFolder } from '../../../test/support/folder.ts'
import { testPremises } from '../../../test/support/premises.ts'
import { createLog } from '../../base/index.ts'
import { doctorCommand } from './doctor.ts'

test('doctor names a Finance SDK that is right, altered or missing, with what to do', async () => {
  const folder = testFolder()
  const stand = standIn(folder, 'http://127.0.0.1:9')
  const { config } = await testPremises({
    WECOM_CORPID: 'ww1',
    WECOM_ARCHIVE_SECRET: 'secret',
    WECOM_CONTACT_SECRET: 'secret',
    ...stand.env,
  })
  const doctor = async (library: string): Promise<string> => {
    const out: string[] = []
    const { wecom } = config
    if (!wecom?.sdk) throw new Error('no SDK settings')
    const changed = { ...config, wecom: { ...wecom, sdk: { ...wecom.sdk, library } } }
    await doctorCommand(changed, createLog('silent'), {
      out: line => void out.push(line),
      err: () => undefined,
    })
    return out.find(line => line.includes('会话存档 SDK')) ?? ''
  }
  expect(await doctor(stand.library)).toMatch(/^正常.*校验一致/)
  expect(await doctor(`${stand.library}.not`)).toMatch(/^错误.*文件不存在.*\n.*处理：.*WECOM_SDK_LIBRARY/)
  appendFileSync(stand.library, 'x')
  expect(await doctor(stand.library)).toMatch(/^错误.*不一致.*\n.*处理：.*WECOM_SDK_SHA256/)
})
