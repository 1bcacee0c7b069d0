import { parentPort, workerData } from 'node:worker_threads'
import { buildImage, PackError, runExamples } from '../detect/index.ts'
import { readRules } from './rules.ts'
import type { Compiled, CompileTask } from './rules-apart.ts'

/** One compilation apart from the main thread: reads the folder, answers once, ends. */
const { type, folder, over, examples } = workerData as CompileTask

function compiled(): Compiled {
  try {
    // Compiled expressions do not go from one thread to another: the files do.
    const { source, behaviours: _, ...set } = readRules(type, folder, over)
    return { set, image: buildImage(source), ...(examples ? { examples: runExamples(source) } : {}) }
  } catch (error) {
    const at = error instanceof PackError ? error : undefined
    return {
      failed: error instanceof Error ? error.message : String(error),
      ...(at ? { code: at.code, file: at.file, line: at.line, remedy: at.remedy } : {}),
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
