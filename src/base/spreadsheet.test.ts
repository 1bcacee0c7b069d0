import { unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { toCsv, toXlsx } from './spreadsheet.ts'

test('CSV: quoted where needed, and nothing in it becomes a formula', () => {
  const text = toCsv([
    ['姓名', '说明', '分'],
    ['=HYPERLINK("http://x")', '+1', -3],
    ['@a', '\tb', 0.25],
    ['张,三', '第一行\n第二行', null],
  ]).toString('utf8')
  expect(text).toBe(
    '\uFEFF姓名,说明,分\r\n"\'=HYPERLINK(""http://x"")",\'+1,-3\r\n\'@a,\'\tb,0.25\r\n"张,三","第一行\n第二行",\r\n',
  )
})

test('XLSX: the parts a workbook needs, numbers as numbers, text escaped and never a formula', () => {
  const wide = Array.from({ length: 28 }, (_, i) => `c${i}`)
  const bytes = toXlsx([
    {
      name: '汇总/[1]',
      rows: [
        ['姓名', '分'],
        ['=1+1 <&">\u0001', 2.25],
      ],
      widths: [20],
    },
    { name: '明细', rows: [wide] },
  ])
  const files = unzipSync(bytes)
  expect(Object.keys(files).sort()).toEqual([
    '[Content_Types].xml',
    '_rels/.rels',
    'xl/_rels/workbook.xml.rels',
    'xl/styles.xml',
    'xl/workbook.xml',
    'xl/worksheets/sheet1.xml',
    'xl/worksheets/sheet2.xml',
  ])
  const read = (name: string): string => Buffer.from(files[name] ?? []).toString('utf8')
  const sheet = read('xl/worksheets/sheet1.xml')
  expect(sheet).toContain(
    `<c r="A2" t="inlineStr"><is><t xml:space="preserve">'=1+1 &lt;&amp;&quot;&gt;</t></is></c>`,
  )
  expect(sheet).toContain('<c r="B2"><v>2.25</v></c>')
  expect(sheet).not.toContain('<f>')
  expect(read('xl/workbook.xml')).toContain('name="汇总  1 "')
  expect(read('xl/worksheets/sheet2.xml')).toContain('r="AB1"')
})

test('the same rows give the same bytes', () => {
  const make = (): Buffer => toXlsx([{ name: 'a', rows: [['x', 1]] }])
  expect(make().equals(make())).toBe(true)
})

test('a workbook keeps what XML can hold and leaves out the rest', () => {
  const files = unzipSync(
    toXlsx([
      {
        name: 'a"b',
        rows: [Array.from({ length: 28 }, (_, i) => `h${i}`), ['\u0000x\ud800', 7]],
        widths: [10],
        wrap: true,
      },
    ]),
  )
  const sheet = new TextDecoder().decode(files['xl/worksheets/sheet1.xml'])
  expect(sheet).toContain('<c r="AB1"')
  expect(sheet).toContain('<t xml:space="preserve">x\uFFFD</t>')
  expect(sheet).toContain('<c r="B2" s="0"><v>7</v></c>')
})
