import { hostname } from 'node:os';
import {
  FRONTEND_ID,
  isUp,
  usable,
  type AdminState,
  type Backend,
  type Counters,
  type Server,
} from '../backends.js';
import { line, type Command, type Runtime } from './command.js';
import { findBackend } from './server-commands.js';

/** Column order is HAProxy 2.6's: clients find a value by position. */
const columns = (
  'pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,' +
  'wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,' +
  'sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,' +
  'check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,' +
  'req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,comp_rsp,' +
  'lastsess,last_chk,last_agt,qtime,ctime,rtime,ttime,agent_status,agent_code,' +
  'agent_duration,check_desc,agent_desc,check_rise,check_fall,check_health,agent_rise,' +
  'agent_fall,agent_health,addr,cookie,mode,algo,conn_rate,conn_rate_max,conn_tot,' +
  'intercepted,dcon,dses,wrew,connect,reuse,cache_lookups,cache_hits,srv_icur,src_ilim,' +
  'qtime_max,ctime_max,rtime_max,ttime_max,eint,idle_conn_cur,safe_conn_cur,used_conn_cur,' +
  'need_conn_est,uweight,agg_server_status,agg_server_check_status,agg_check_status,-,' +
  'ssl_sess,ssl_reused_sess,ssl_failed_handshake,h2_headers_rcvd,h2_data_rcvd,' +
  'h2_settings_rcvd,h2_rst_stream_rcvd,h2_goaway_rcvd,h2_detected_conn_protocol_errors,' +
  'h2_detected_strm_protocol_errors,h2_rst_stream_resp,h2_goaway_resp,h2_open_connections,' +
  'h2_backend_open_streams,h2_total_connections,h2_backend_total_streams,h1_open_connections,' +
  'h1_open_streams,h1_total_connections,h1_total_streams,h1_bytes_in,h1_bytes_out,' +
  'h1_spliced_bytes_in,h1_spliced_bytes_out'
).split(',');

type Row = Record<string, string | number>;

/** What this router counts; columns it does not count stay empty. */
function counted(counters: Counters): Row {
  const [hrsp_1xx, hrsp_2xx, hrsp_3xx, hrsp_4xx, hrsp_5xx] = counters.answers;
  return {
    stot: counters.requests,
    bin: counters.bytesIn,
    bout: counters.bytesOut,
    hrsp_1xx,
    hrsp_2xx,
    hrsp_3xx,
    hrsp_4xx,
    hrsp_5xx,
    req_tot: counters.requests,
    pid: 1,
    mode: 'http',
    '-': '-',
  };
}

function behind(place: Server | Backend, now: number): Row {
  const { counters } = place;
  return {
    ...counted(counters),
    qcur: 0,
    scur: place.inFlight,
    smax: counters.peak,
    econ: counters.connectErrors,
    eresp: counters.responseErrors,
    wretr: counters.retries,
    wredis: counters.redispatches,
    cli_abrt: counters.clientAborts,
    lbtot: counters.requests,
    lastchg: Math.floor((now - place.changedAt) / 1000),
    bck: 0,
  };
}

const statusOf: Record<AdminState, string> = { ready: 'no check', drain: 'DRAIN', maint: 'MAINT' };

const statusOfServer = (server: Server) =>
  server.state === 'ready' && server.checkEvery !== undefined
    ? isUp(server)
      ? 'UP'
      : 'DOWN'
    : statusOf[server.state];

const SHOW = { frontend: 1, backend: 2, server: 4 } as const;

function rowsOf(runtime: Runtime, backends: Backend[], types: number): Row[] {
  const now = runtime.now();
  const rows: Row[] = [];
  for (const backend of backends) {
    const up = backend.servers.filter(usable);
    const weight = up.reduce((sum, server) => sum + server.weight, 0);
    if (types & SHOW.server) {
      rows.push(
        ...backend.servers.map((server) => ({
          ...behind(server, now),
          pxname: backend.name,
          svname: server.name,
          status: statusOfServer(server),
          weight: server.weight,
          uweight: server.weight,
          act: 1,
          iid: backend.id,
          sid: server.id,
          type: 2,
          addr: `${server.host}:${server.port}`,
        })),
      );
    }
    if (types & SHOW.backend) {
      rows.push({
        ...behind(backend, now),
        pxname: backend.name,
        svname: 'BACKEND',
        status: up.length > 0 ? 'UP' : 'DOWN',
        weight,
        uweight: weight,
        act: up.length,
        iid: backend.id,
        sid: 0,
        type: 1,
        algo: 'roundrobin',
      });
    }
  }
  return rows;
}

function frontendRow({ frontend }: Runtime): Row {
  return {
    ...counted(frontend.counters),
    pxname: frontend.name,
    svname: 'FRONTEND',
    scur: frontend.connections(),
    status: 'OPEN',
    iid: FRONTEND_ID,
    sid: 0,
    type: 0,
  };
}

/** `show stat [<proxy>|-1 <types> <server id>|-1]`, where types adds 1 frontends, 2 backends, 4 servers. */
function showStat([proxy, typesText, sidText]: readonly string[], runtime: Runtime): string {
  const filtered = proxy !== undefined && typesText !== undefined && sidText !== undefined;
  const types = filtered ? Number(typesText) : SHOW.frontend | SHOW.backend | SHOW.server;
  const all = !filtered || proxy === '-1';
  const backend = all ? undefined : findBackend(runtime, proxy);
  const isFrontend = !all && proxy === runtime.frontend.name;
  if (!all && !backend && !isFrontend) return line('No such proxy.');

  const rows = rowsOf(runtime, all ? runtime.backends : backend ? [backend] : [], types);
  if ((all || isFrontend) && types & SHOW.frontend) rows.unshift(frontendRow(runtime));
  const shown = !filtered || sidText === '-1' ? rows : rows.filter((row) => `${row['sid']}` === sidText);
  return (
    line(`# ${columns.join(',')},`) +
    shown.map((row) => line(`${columns.map((name) => row[name] ?? '').join(',')},`)).join('')
  );
}

function showInfo(runtime: Runtime): string {
  const seconds = Math.floor((runtime.now() - runtime.startedAt) / 1000);
  const [days, hours, minutes] = [seconds / 86_400, (seconds / 3600) % 24, (seconds / 60) % 60].map(
    Math.floor,
  );
  const two = (value = 0): string => `${value}`.padStart(2, '0');
  const facts: Row = {
    Name: 'rehearsal-router',
    Version: '2.6-subset',
    Nbthread: 1,
    Nbproc: 1,
    Process_num: 1,
    Pid: process.pid,
    Uptime: `${days}d ${hours}h${two(minutes)}m${two(seconds % 60)}s`,
    Uptime_sec: seconds,
    CurrConns: runtime.frontend.connections() + runtime.apiConnections(),
    CumReq: runtime.frontend.counters.requests,
    node: hostname(),
    Stopping: 0,
    Start_time_sec: Math.floor(runtime.startedAt / 1000),
  };
  return Object.entries(facts)
    .map(([name, value]) => line(`${name}: ${value}`))
    .join('');
}

export const statCommands: Command[] = [
  { name: 'show stat', usage: '[<proxy>|-1 <types> <sid>|-1]', run: showStat },
  { name: 'show info', usage: '', run: (_, runtime) => showInfo(runtime) },
];
