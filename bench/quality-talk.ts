import { explain } from '../src/detect/index.ts'
import type { Alarm, CrossWoz } from './quality-crosswoz.ts'
import { count, interval, not, rate, table, visible } from './quality-markdown.ts'
import type { Share } from './quality-score.ts'

type Names = Record<string, string>

function alarmText({ text, learned, from, hits }: Alarm, names: Names): string {
  const told = hits
    .slice(0, 2)
    .map(hit => `${names[hit.category] ?? ''} ${hit.rule}「${visible(explain(hit))}」`)
  return `- ${learned ? '学过' : '未学过'} · ${from === 'staff' ? '员工' : '客户'}：「${visible(text)}」 → ${told.join('；')}`
}

const listed = (alarms: Alarm[], names: Names): string =>
  alarms.length === 0 ? '没有告警。' : alarms.map(alarm => alarmText(alarm, names)).join('\n')

function row(name: string, alarms: Alarm[], woz: CrossWoz, lines: [number, number, number]): string[] {
  const learned = alarms.filter(alarm => alarm.learned).length
  return [
    name,
    rate({ right: alarms.length, of: lines[0] }, 2),
    rate({ right: learned, of: lines[1] }, 2),
    rate({ right: alarms.length - learned, of: lines[2] }, 2),
    interval({ right: alarms.length - learned, of: woz.lines - woz.learnedLines }, 2),
  ]
}

/** Alerts on talk about hotels and sights, and how much of it the model has seen. */
export function crossWozText(woz: CrossWoz | undefined, ordinary: Share, names: Names): string {
  if (!woz) return '本次未测：须以 `--crosswoz` 给出数据文件（不在仓库内）。'
  const lines: [number, number, number] = [woz.lines, woz.learnedLines, woz.lines - woz.learnedLines]
  const unseen = woz.asStaff.filter(alarm => !alarm.learned).length
  const both = { right: unseen + not(ordinary).right, of: lines[2] + ordinary.of }
  return `${woz.talks} 段关于酒店、景点、餐馆的对话，${count(woz.lines)} 句（其中客服所说 ${count(woz.staffLines)} 句）。这里每一次告警都是误报。

${table(
  ['读法', '全部:', '学过的一半 Trained on:', '未学过的一半 Held out:', '未学过：95% 区间:'],
  [
    row('每句都当员工所说，单独读（计入目标）', woz.asStaff, woz, lines),
    row('按实际说话人，连同前六句读', woz.asSpoken, woz, lines),
  ],
)}

**模型学过其中一半**：每隔一段对话取一段，共 ${woz.learnedTalks} 段、${count(woz.learnedLines)} 句，作为“与合规无关”的例句参加训练（\`src/detect/samples/everyday.tsv\`）。另一半 ${woz.talks - woz.learnedTalks} 段、${count(lines[2])} 句未参加训练，但其中 ${woz.known} 句（问候、致谢等）与学过的逐字相同。伪装判读的门槛是看着全部对话定的，所以未学过的一半也不算盲测。这些对话不谈金融，只能说明闲谈不误报，不能说明金融服务用语不误报；后者看上文的日常对话与易误判句。

未学过的一半与盲测集日常对话合计：误报 ${rate(both, 3)}，95% 置信区间 ${interval(both, 3)}。

每句都当员工所说时的告警：

${listed(woz.asStaff, names)}${
  woz.asSpoken.length > 0 ? `\n\n按实际说话人读时的告警：\n\n${listed(woz.asSpoken, names)}` : ''
}`
}
