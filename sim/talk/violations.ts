import { threads } from './script.ts'

export const VIOLATIONS = threads('pair', [
  [
    'c:{adv}，这款{product}稳不稳？我就怕亏',
    's #GUAR/P0 split:您放一百个心，这款保本保息，亏了算我的',
    'c:那我先买{amount}',
  ],
])
