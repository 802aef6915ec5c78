import { defineRegistry } from '../registry.ts'
import { gatewayApi } from './gateway-api.ts'
import { istio } from './istio.ts'
import { knative } from './knative.ts'
import { kubernetes } from './kubernetes.ts'

/** Every layer that can be routed by. A new mesh is one new file and one name here. */
export const routers = defineRegistry('routing', [gatewayApi, istio, knative, kubernetes])
