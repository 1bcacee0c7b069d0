import type { Endpoint, SecretKind } from './api/endpoint.ts'
import { wecom } from './api/index.ts'

const PAGE = 'https://developer.work.weixin.qq.com/document/path/'
const USUAL_PER_MINUTE = 10_000
const SECRETS: Record<SecretKind, string> = {
  app: '自建应用',
  archive: '会话内容存档',
  sync: '通讯录同步',
  any: '任一',
}
const TITLES: Record<keyof typeof wecom, string> = {
  base: '令牌与地址',
  directory: '通讯录',
  contacts: '客户与标签',
  groups: '客户群',
  audit: '会话内容存档（HTTP）',
  transfer: '客户与客户群分配',
  groupsend: '企业群发与欢迎语',
  moments: '客户朋友圈',
  momentStrategies: '客户朋友圈规则组',
  media: '素材',
  intercept: '聊天敏感词',
  statistics: '统计',
  messages: '应用消息',
  sso: '登录',
  ways: '联系我与进群方式',
  customerStrategies: '客户联系规则组',
  album: '商品图册',
  acquisition: '获客助手',
}

const HEAD = `# 企业微信接口清单

本清单由 \`npm run -s tongjian -- wecom register\` 从程序中的接口表生成，供机构做外部系统尽职调查与授权审批，含现用的与各项功能要用的接口；程序只声明了表内的接口。接口客户端对外只访问 \`WECOM_API_BASE\` 一个地址（默认 \`https://qyapi.weixin.qq.com\`，可改为私有化部署的地址，可经 \`WECOM_PROXY\` 代理），不跟随重定向，其他地址在建立连接之前即被拒绝。

用途栏的编号：M1 持牌展业 · M2 封号风险 · M3 零投诉运营 · M4 制度 · M5 先审后发 · M6 风险揭示与适当性 · M7 敏感词 · M8 会话存档 · M9 事前预警 · M10 事中巡查 · M11 事后抽检 · M12 举证 · M13 客户资源保护 · M14 流程自动化 · M15 报表 · M16 对接 · M17 工具自身安全。

官方文档页码因自建应用、代开发、第三方应用而异，以接口名为准。「限频」为每企业每分钟次数。「重试」为否的接口在结果不明时不会重复提交。`

const TAIL = `## 本机组件

会话原文与媒体文件经企业微信官方「会话内容存档 SDK」取得，由机构自行下载安装。

| 组件函数 | 授权 | 官方文档 | 读写的数据 | 用途 |
|---|---|---|---|---|
| \`GetChatData\`、\`DecryptData\` | 会话内容存档（专用 Secret、IP 白名单、RSA 公钥） | [91774](${PAGE}91774) | 读取并解密成员的会话消息 | 会话存档（M8） |
| \`GetMediaData\` | 同上 | [91774](${PAGE}91774) | 读取消息中的图片、语音、视频与文件 | 会话存档（M8） |
`

/** Every endpoint of WeCom in use: permission, official page, data and why, as Markdown for the institution's file. */
export function wecomRegister(): string {
  const groups = Object.entries(wecom) as [keyof typeof wecom, Record<string, Endpoint>][]
  const sections = groups.map(([key, group]) => `## ${TITLES[key]}\n\n${tableOf(Object.values(group))}\n`)
  const count = groups.reduce((sum, [, group]) => sum + Object.keys(group).length, 0)
  return `${HEAD}\n\n共 ${count} 个接口。\n\n${sections.join('\n')}\n${TAIL}`
}

function tableOf(endpoints: Endpoint[]): string {
  const head =
    '| 接口 | 名称 | Secret | 授权 | 官方文档 | 读写的数据 | 用途 | 限频 | 重试 |\n|---|---|---|---|---|---|---|---|---|'
  return [head, ...endpoints.map(rowOf)].join('\n')
}

function rowOf(one: Endpoint): string {
  const cells = [
    `\`${one.method} /cgi-bin/${one.path}\``,
    one.name,
    SECRETS[one.secret],
    one.permission,
    `[${one.doc}](${PAGE}${one.doc})`,
    one.data,
    one.why,
    String(one.perMinute ?? USUAL_PER_MINUTE),
    one.idempotent ? '是' : '否',
  ]
  return `| ${cells.join(' | ')} |`
}
