import { constants } from 'node:os'
import process from 'node:process'
import type { EngineVariant } from './engine-client-types'

/** A library outside the engine's own packages that a variant needs on the person's machine. */
export interface SystemLibrary {
  readonly library: string
  /** What brings it, in words that can be searched for. */
  readonly purpose: string
}

export interface MissingLibrary extends SystemLibrary {
  /** The loader's own words. */
  readonly reason: string
}

const DRIVER = 'the NVIDIA driver'
const CUDA = 'the CUDA 13 runtime'
const BLAS = 'cuBLAS of CUDA 13'
const VULKAN = 'the Vulkan loader of the graphics driver'

const needed: Readonly<Record<string, readonly SystemLibrary[]>> = {
  'linux cuda': [
    { library: 'libcuda.so.1', purpose: DRIVER },
    { library: 'libcudart.so.13', purpose: CUDA },
    { library: 'libcublas.so.13', purpose: BLAS },
    { library: 'libcublasLt.so.13', purpose: BLAS },
  ],
  'win32 cuda': [
    { library: 'nvcuda.dll', purpose: DRIVER },
    { library: 'cudart64_13.dll', purpose: CUDA },
    { library: 'cublas64_13.dll', purpose: BLAS },
  ],
  'linux vulkan': [{ library: 'libvulkan.so.1', purpose: VULKAN }],
  'win32 vulkan': [{ library: 'vulkan-1.dll', purpose: VULKAN }],
}

export function systemLibraries(
  variant: EngineVariant,
  platform: string = process.platform,
): readonly SystemLibrary[] {
  return needed[`${platform} ${variant}`] ?? []
}

/**
 * Tries to open each library and says which cannot be. Runs code of these libraries: call it in a throw-away process.
 * `open` throws the loader's message; the default is Node's own dlopen.
 */
export function missingLibraries(
  libraries: readonly SystemLibrary[],
  open: (library: string) => void = openLibrary,
): MissingLibrary[] {
  return libraries.flatMap((wanted) => {
    try {
      open(wanted.library)
      return []
    } catch (thrown) {
      return [{ ...wanted, reason: thrown instanceof Error ? thrown.message : String(thrown) }]
    }
  })
}

/** Node opens any shared library and then complains that it is no Node module: that complaint means it is there. */
function openLibrary(library: string): void {
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_LAZY)
  } catch (thrown) {
    if (thrown instanceof Error && /self-register|not a valid.*module|native_module/i.test(thrown.message))
      return
    throw thrown
  }
}
