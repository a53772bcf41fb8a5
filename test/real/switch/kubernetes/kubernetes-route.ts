/** An HTTPRoute, as far as the tests look at it. */
export interface HttpRoute {
  metadata: { generation: number; resourceVersion: string };
  spec: { rules: { backendRefs: { name: string; port: number; weight: number }[]; filters?: unknown[] }[] };
}

/** The Gateway that serves it. */
export const parentRef = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'edge' };

const backends = [
  { name: 'shop-blue', port: 80, weight: 1 },
  { name: 'shop-green', port: 80, weight: 0 },
];

/** A preview of green by header, and two rules that share between blue, which is live, and green. */
export const shopRoute = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'shop' },
  spec: {
    parentRefs: [parentRef],
    hostnames: ['shop.example.com'],
    rules: [
      {
        matches: [{ headers: [{ name: 'x-preview', value: 'green' }] }],
        backendRefs: [{ name: 'shop-green', port: 80 }],
      },
      {
        matches: [{ path: { type: 'PathPrefix', value: '/api' } }],
        filters: [
          {
            type: 'RequestHeaderModifier',
            requestHeaderModifier: { set: [{ name: 'x-api', value: '1' }] },
          },
        ],
        backendRefs: backends,
      },
      { backendRefs: backends.toReversed() },
    ],
  },
};
