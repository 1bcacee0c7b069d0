import { parentPort, workerData } from 'node:worker_threads'
import { buildImage, PackError } from '../detect/index.ts'
import { readRules } from './rules.ts'
import type { Compiled, CompileTask } from './rules-apart.ts'

/** One compilation apart from the main thread: reads the folder, answers once, ends. */
const { type, folder } = workerData as CompileTask

function compiled(): Compiled {
  try {
    const { source, ...set } = readRules(type, folder)
    return { set, image: buildImage(source) }
  } catch (error) {
    const at = error instanceof PackError ? error : undefined
    return {
      failed: error instanceof Error ? error.message : String(error),
      ...(at ? { file: at.file, line: at.line, remedy: at.remedy } : {}),
    }
  }
}

/** Tables go over without being copied; only plain objects hold any. */
function tables(value: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) return value.buffer instanceof ArrayBuffer ? [value.buffer] : []
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.values(value).flatMap(tables)
}

const answer = compiled()
parentPort?.postMessage(answer, 'image' in answer ? [...new Set(tables(answer.image))] : [])
