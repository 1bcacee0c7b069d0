import { existsSync, statSync } from 'node:fs'
import { type Config, countKeys, describeSource } from '../../base/index.ts'
import type { Premises } from '../house.ts'
import { isKeyBesideData } from '../keys.ts'
import type { Finding } from './doctor.ts'

const KINDS = { file: '文件', environment: '环境变量', command: '命令' } as const

/** Where the master key comes from, and whether a thief of the data would have it too. */
export function checkMasterKey(config: Config): Finding[] {
  const { source } = config.masterKey
  const findings: Finding[] = [
    isKeyBesideData(config)
      ? {
          level: '注意',
          what: `主密钥与数据同在 ${config.dataDir}：拿到数据目录或其备份的人就能解开全部内容`,
          remedy:
            '把主密钥放到别处（TONGJIAN_MASTER_KEY_FILE），或由密钥系统给出（TONGJIAN_MASTER_KEY_COMMAND），并单独备份',
        }
      : { level: '正常', what: `主密钥来源：${KINDS[source.kind]} ${describeSource(source)}` },
  ]
  if (source.kind === 'file' && existsSync(source.file) && (statSync(source.file).mode & 0o077) !== 0) {
    findings.push({
      level: '错误',
      what: '主密钥文件可被他人读取',
      remedy: `chmod 600 ${source.file}`,
    })
  }
  return findings
}

/** A rotation that was begun and not finished: both master keys must be kept until it is. */
export async function checkRotation({ db, house }: Premises): Promise<Finding[]> {
  const { masters } = house.keys
  const counted = await countKeys(db, house.keys)
  const left = counted.masters.filter(one => one.master !== masters.newest.id && one.keys > 0)
  if (left.length === 0) return []
  const named = left.map(one => `${one.master ?? '旧格式'} ${one.keys} 个`).join('、')
  return [
    {
      level: '注意',
      what: `数据密钥未全部由主密钥 ${masters.newest.id} 封装：${named}`,
      remedy: '运行 keys rotate，可从断处继续；在此之前两把主密钥都要保留',
    },
  ]
}
