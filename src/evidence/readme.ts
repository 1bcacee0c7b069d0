import { localTime } from './lines.ts'
import { grouped, type ReportFacts } from './report/report.ts'

/** README.txt: what to do with the package, for whoever opens it first. */
export function readme(facts: ReportFacts): Buffer {
  const lines = [
    `${facts.institution} 证据包 ${facts.number}`,
    '',
    '怎样核验（不需要网络，也不需要信任本机构的系统）：',
    '1. 不要解压。把 verify.html 从压缩包中取出，用 Chrome、Edge、Firefox 或 Safari 打开。',
    '2. 把整个 zip 文件拖到页面上，等待校验完成。',
    '3. 把页面显示的公钥指纹与从本机构其他渠道（函件、网站、监管报备）取得的指纹比对：',
    `   ${grouped(facts.ledger.fingerprint)}`,
    '   只有指纹一致，才能说明签名来自本机构。',
    '也可在命令行校验：tongjian evidence verify 文件名.zip',
    '',
    'How to verify (no network, no trust in our systems):',
    '1. Take verify.html out of the archive and open it in a browser.',
    '2. Drag the whole zip onto the page.',
    '3. Compare the key fingerprint with one you have from elsewhere.',
    '',
    `生成时间 ${localTime(facts.builtAt, facts.zone)}；格式 tongjian-evidence 1，见 docs/evidence-package.md`,
    '',
  ]
  // With a byte-order mark: older editors take it for the local code page otherwise.
  return Buffer.from(`\ufeff${lines.join('\r\n')}`)
}
