import type { own as chinese } from '../zh-CN/own.ts'

export const own: Record<keyof typeof chinese, string> = {
  'denied.title': 'Not permitted',
  'denied.why':
    'Your role is {role}. It does not open this page, and nothing was read. If your work needs it, ask the compliance lead of your institution.',
  'me.role': 'Role',
  'me.departments': 'Departments',
  'me.pages': 'Pages',
  'me.noPages': 'Advisers have no work to do here at present; this page tells you about archiving.',
  'me.told': 'About the archive of conversations',
  'me.what': 'What is kept',
  'me.what.say':
    'Your institution archives WeCom conversations. For staff within its scope, talk with customers, customer groups and colleagues is kept: text, pictures, voice and files. Recalled messages keep their original. Personal WeChat is not archived.',
  'me.why': 'Why',
  'me.why.say':
    'A financial institution answers for how its staff sell and serve, and must be able to show what was said when there is a dispute. The record protects customers, and the staff who keep to the rules.',
  'me.customer': 'What customers know',
  'me.customer.say':
    'Customers are told about archiving and may agree or refuse; what they chose, and when, is recorded.',
  'me.judged': 'Who judges',
  'me.judged.say':
    'The system points out words that may break a rule of the institution. Whether they do is judged by a compliance officer who has read the context and gives a reason. Nobody is disciplined automatically.',
  'me.seen': 'Who may look',
  'me.seen.say':
    'Only authorised people, such as compliance and audit. Every look, search and conclusion leaves a record that cannot be changed.',
  'me.ask': 'Questions',
  'me.ask.say':
    'About the scope, an alert or its outcome: ask the compliance department of your institution.',
}
