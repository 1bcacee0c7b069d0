import { z } from 'zod'
import { empty, endpoint, RIGHTS, text, whole } from './endpoint.ts'

const own = {
  method: 'POST',
  secret: 'app',
  // Sent twice it lies there twice, and goes away after three days.
  idempotent: true,
  permission: RIGHTS.contact,
  doc: 90389,
} as const

/** Temporary media (wecom-api.md §5.3): valid three days, so the approved bytes are kept here and sent again. */
export const media = {
  upload: endpoint({
    ...own,
    name: '上传临时素材',
    path: 'media/upload',
    file: 'up',
    request: z.looseObject({ type: z.enum(['image', 'voice', 'video', 'file']) }),
    reply: z.looseObject({
      type: text.optional(),
      media_id: text,
      created_at: z.union([text, whole]).optional(),
    }),
    data: '发送经审批的图片、视频与文件',
    why: '群发与欢迎语的素材与审批一致（M5、M8）',
  }),
  uploadAttachment: endpoint({
    ...own,
    name: '上传附件资源',
    path: 'media/upload_attachment',
    file: 'up',
    permission: RIGHTS.customer,
    request: z.looseObject({
      media_type: z.enum(['image', 'video', 'file']),
      // 1 a Moment, 2 the product album.
      attachment_type: z.union([z.literal(1), z.literal(2)]),
    }),
    reply: z.looseObject({
      type: text.optional(),
      media_id: text,
      created_at: z.union([text, whole]).optional(),
    }),
    data: '发送经审批的朋友圈与商品图册素材',
    why: '朋友圈与商品图册的素材与审批一致（M5）',
  }),
  uploadImage: endpoint({
    ...own,
    // It stays for ever: twice is one too many.
    idempotent: false,
    window: 'day',
    name: '上传图片',
    path: 'media/uploadimg',
    file: 'up',
    request: empty,
    reply: z.looseObject({ url: text }),
    data: '发送图片，取得长期有效的地址',
    why: '图文素材中的图片（M5）',
  }),
  get: endpoint({
    ...own,
    method: 'GET',
    name: '获取临时素材',
    path: 'media/get',
    file: 'down',
    request: z.looseObject({ media_id: text.min(1) }),
    reply: empty,
    data: '读取成员发表的朋友圈图片与视频',
    why: '监督个人发表的朋友圈素材（M5、M11）',
  }),
} as const
