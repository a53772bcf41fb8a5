/** How a common server or library counts requests and measures them, as Prometheus sees it. */
export interface Stack {
  /** Counter of requests, and the label and pattern of those that failed. */
  requests: { metric: string; label: string; matches: string };
  /** Histogram of durations and its unit. */
  durations?: { bucket: string; unit: 'seconds' | 'milliseconds' };
}

const fiveHundreds = '^5';

/** By name; each as its own documentation names its metrics. */
export const stacks = {
  'http-server': {
    requests: { metric: 'http_requests_total', label: 'code', matches: fiveHundreds },
    durations: { bucket: 'http_request_duration_seconds_bucket', unit: 'seconds' },
  },
  'ingress-nginx': {
    requests: { metric: 'nginx_ingress_controller_requests', label: 'status', matches: fiveHundreds },
    durations: { bucket: 'nginx_ingress_controller_request_duration_seconds_bucket', unit: 'seconds' },
  },
  istio: {
    requests: { metric: 'istio_requests_total', label: 'response_code', matches: fiveHundreds },
    durations: { bucket: 'istio_request_duration_milliseconds_bucket', unit: 'milliseconds' },
  },
  linkerd: {
    requests: { metric: 'response_total', label: 'classification', matches: '^failure$' },
    durations: { bucket: 'response_latency_ms_bucket', unit: 'milliseconds' },
  },
  traefik: {
    requests: { metric: 'traefik_service_requests_total', label: 'code', matches: fiveHundreds },
    durations: { bucket: 'traefik_service_request_duration_seconds_bucket', unit: 'seconds' },
  },
  envoy: {
    requests: { metric: 'envoy_cluster_upstream_rq', label: 'envoy_response_code', matches: fiveHundreds },
    durations: { bucket: 'envoy_cluster_upstream_rq_time_bucket', unit: 'milliseconds' },
  },
  haproxy: {
    requests: { metric: 'haproxy_backend_http_responses_total', label: 'code', matches: fiveHundreds },
  },
  'django-prometheus': {
    requests: {
      metric: 'django_http_responses_total_by_status_view_method_total',
      label: 'status',
      matches: fiveHundreds,
    },
    durations: { bucket: 'django_http_requests_latency_seconds_by_view_method_bucket', unit: 'seconds' },
  },
  'spring-boot': {
    requests: { metric: 'http_server_requests_seconds_count', label: 'status', matches: fiveHundreds },
    durations: { bucket: 'http_server_requests_seconds_bucket', unit: 'seconds' },
  },
} as const satisfies Record<string, Stack>;

export type StackName = keyof typeof stacks;

export const stackNames = Object.keys(stacks) as [StackName, ...StackName[]];
