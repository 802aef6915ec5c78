import * as z from 'zod'

const text = (about: string) => z.string().optional().describe(about)
const amount = (about: string) => z.number().optional().describe(about)

const Tcp = z
  .looseObject({
    maxConnections: amount('Most connections to one host.'),
    connectTimeout: text('Time that connecting may take.'),
    idleTimeout: text('Time after which an idle connection is closed.'),
    maxConnectionDuration: text('Longest life of a connection.'),
  })
  .optional()
  .describe('Limits of TCP connections.')

const Http = z
  .looseObject({
    http1MaxPendingRequests: amount('Most requests that wait for a connection.'),
    http2MaxRequests: amount('Most requests at the same time.'),
    maxRequestsPerConnection: amount('Most requests on one connection.'),
    maxRetries: amount('Most retries at the same time.'),
    idleTimeout: text('Time after which an idle connection is closed.'),
    h2UpgradePolicy: text('DEFAULT, DO_NOT_UPGRADE or UPGRADE.'),
    useClientProtocol: z.boolean().optional().describe('Keep the protocol that the client spoke.'),
  })
  .optional()
  .describe('Limits of HTTP connections.')

const ConsistentHash = z
  .looseObject({
    httpHeaderName: text('Hash this header.'),
    httpQueryParameterName: text('Hash this query parameter.'),
    useSourceIp: z.boolean().optional().describe('Hash the source address.'),
    minimumRingSize: amount('Least number of virtual nodes.'),
  })
  .optional()
  .describe('Session affinity by hash.')

/**
 * Istio's TrafficPolicy, copied into DestinationRules as it stands. Istio adds settings with each release and checks them itself, so
 * what this schema does not name is kept, not pruned.
 */
export const TrafficPolicy = z.looseObject({
  connectionPool: z.looseObject({ tcp: Tcp, http: Http }).optional().describe('Limits of connections.'),
  loadBalancer: z
    .looseObject({ simple: text('Algorithm, such as ROUND_ROBIN or LEAST_REQUEST.'), consistentHash: ConsistentHash })
    .optional()
    .describe('How an endpoint is chosen.'),
  outlierDetection: z
    .looseObject({
      consecutiveErrors: amount('Deprecated: errors in a row.'),
      consecutive5xxErrors: amount('Answers of 5xx in a row after which a host is ejected.'),
      consecutiveGatewayErrors: amount('Gateway errors in a row after which a host is ejected.'),
      interval: text('Time between two looks.'),
      baseEjectionTime: text('Least time that a host stays out.'),
      maxEjectionPercent: amount('Most hosts that may be out, in percent.'),
      minHealthPercent: amount('Percent of healthy hosts below which nothing is ejected.'),
    })
    .optional()
    .describe('When a host is ejected.'),
  tls: z
    .looseObject({
      mode: text('DISABLE, SIMPLE, MUTUAL or ISTIO_MUTUAL.'),
      sni: text('Server name to present.'),
      credentialName: text('Secret with the certificates.'),
      clientCertificate: text('Path of the client certificate.'),
      privateKey: text('Path of the private key.'),
      caCertificates: text('Path of the CA certificates.'),
      subjectAltNames: z.array(z.string()).optional().describe('Names to accept.'),
    })
    .optional()
    .describe('TLS towards the workload.'),
})
export type TrafficPolicy = z.infer<typeof TrafficPolicy>
