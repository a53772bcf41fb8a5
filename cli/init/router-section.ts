import type { RouterName } from './answers.js';

/** What differs between two stages of one router. */
interface Names {
  service: string;
  /** Where its colours and its router live: a namespace, a folder, a prefix of names. */
  scope: string;
  /** How the runner gets at the cluster: as one of its pods, or by the file that its login leaves. */
  access: 'in-cluster' | 'kubeconfig';
}

const mapOf = (blue: string, green: string) => `{ blue: ${blue}, green: ${green} }`;
const cluster =
  (object: string) =>
  ({ service, scope, access }: Names) =>
    `  nodes:
    - name: cluster
      cluster: { access: ${access} } # yours: in-cluster where the runner is one of its pods, else kubeconfig
      namespace: ${scope}
      ${object.replaceAll('SERVICE', service)}
`;
const alb = (kind: string, rest: string) =>
  `arn:aws:elasticloadbalancing:eu-west-1:123456789012:${kind}/${rest}`;

/** The router section of each kind: its nodes, and what it calls the colours. */
const sections: Readonly<Record<RouterName, (names: Names) => string>> = {
  haproxy: ({ service }) =>
    `  mode: map
  nodes: [{ name: edge-1, socket: /run/haproxy/admin.sock }] # yours
  map: /etc/haproxy/live/${service}.map
  key: ${service}
  backends: ${mapOf(`${service}_blue`, `${service}_green`)}
`,
  nginx: ({ service }) =>
    `  nodes: [{ name: edge-1, probe: 'http://127.0.0.1:8099/-/live' }] # yours
  flags: ${mapOf(`/var/lib/${service}-live/blue`, `/var/lib/${service}-live/green`)}
`,
  caddy: ({ service }) =>
    `  nodes: [{ name: edge-1, probe: 'http://127.0.0.1:8099/-/live' }] # yours
  file: /var/lib/${service}-live/colour
  values: ${mapOf('blue', 'green')}
`,
  traefik: ({ service }) =>
    `  nodes: [{ name: edge-1, file: /etc/traefik/dynamic/${service}-traffic.yml, api: 'http://127.0.0.1:8080' }] # yours
  service: ${service}
  backends: ${mapOf(`${service}-blue`, `${service}-green`)}
`,
  envoy: ({ service }) =>
    `  nodes: [{ name: edge-1, file: /etc/envoy/dynamic/${service}-routes.json, admin: 'http://127.0.0.1:9901' }] # yours
  route-config: ${service}
  backends: ${mapOf(`${service}_blue`, `${service}_green`)}
`,
  'kubernetes-service': (names) =>
    `${cluster('service: SERVICE')(names)}  label: slot
  values: ${mapOf('blue', 'green')}
`,
  'gateway-api': (names) =>
    `${cluster('route: SERVICE')(names)}  backends: ${mapOf(`${names.service}-blue`, `${names.service}-green`)}
`,
  'ingress-nginx': (names) =>
    `${cluster('ingress: SERVICE\n      canary: SERVICE-canary')(names)}  backends: ${mapOf(`${names.service}-blue`, `${names.service}-green`)}
`,
  istio: (names) =>
    `${cluster('virtual-service: SERVICE')(names)}  backends: ${mapOf(`${names.service}-blue`, `${names.service}-green`)}
`,
  'aws-alb': ({ scope }) =>
    `  nodes:
    - name: https
      listener: ${alb('listener', `app/${scope}/50dc6c495c0c9188/f2f7dc8efc522ab2`)} # yours
  target-groups:
    blue: ${alb('targetgroup', `${scope}-blue/73e2d6bc24d8a067`)} # yours
    green: ${alb('targetgroup', `${scope}-green/d09fe0f2b6b05f1c`)} # yours
`,
  command: ({ service }) =>
    `  nodes: [{ name: router, read: [./deploy/read-weights], set: [./deploy/set-weights] }] # yours: write both
  backends: ${mapOf(`${service}-blue`, `${service}-green`)}
`,
};

/** The part `router` of a traffic file. */
export const routerSection = (router: RouterName, names: Names): string =>
  `router:\n  type: ${router}\n${sections[router](names)}`;
