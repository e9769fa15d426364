import { expect, it } from 'vitest'
import { describe as describeError } from '../../../../app/contract/errors'
import { fromBindingError } from '../../../../app/engine/binding-errors'
import { bindingError } from '../../../helpers/fake-binding'

it('makes a sentence of a failed allocation, whether or not the need is known', () => {
  const thrown = bindingError('out_of_memory', 'an allocation failed')

  const unknown = describeError(fromBindingError(thrown))
  const known = describeError(fromBindingError(thrown, { needBytes: 5 * 1024 ** 3 }))

  expect(unknown.body).toMatch(/^This needs more memory; .+ is free\.$/)
  expect(known.body).toMatch(/^This needs 5\.0 GB; .+ is free\.$/)
})
