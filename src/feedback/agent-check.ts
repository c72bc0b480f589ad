/** What a user agent says of who clicks: a person's browser or app, a crawler, a program. */
import { InvalidReason } from '../domain/invalid-reason.ts'
import { isCrawler } from '../domain/user-agent.ts'
import { murmur3 } from '../lib/murmur3.ts'

/** A user agent as events keep it: a number, and why it is none of a person; 0 = it may be one. */
export interface AgentReading {
  /** 32-bit hash of the text; 0 for an empty one. */
  readonly hash: number
  readonly reason: InvalidReason | 0
}

/**
 * Libraries, command lines and browsers without a screen: they run in data centres. What else
 * `isCrawler` knows (search engines, previews, monitors) names itself as a crawler. Libraries that
 * apps are built with (okhttp, CFNetwork, Dalvik) are in neither list: people use apps.
 */
const programs = new RegExp(
  [
    ...['curl/', 'wget/', 'python-', 'python/', 'aiohttp', 'httpx/', 'libwww', 'lwp::', 'perl/'],
    ...['go-http-client', 'apache-httpclient', '^java/', 'node-fetch', 'axios/', 'undici'],
    ...['guzzlehttp', 'postmanruntime', 'insomnia/', 'httpie/', 'php/', '^ruby', 'winhttp'],
    ...['headless', 'phantomjs', 'puppeteer', 'playwright', 'selenium', 'webdriver', 'cypress/'],
    ...['scrapy', 'zgrab', 'masscan', 'nmap', 'sqlmap', 'httrack'],
  ].join('|'),
)

/** Characters that are looked at and hashed: what tells an agent stands in front. */
const charsMax = 512

/**
 * Agents remembered by a process; a popular app sends a handful, a whole country some thousands.
 */
const agentsMax = 4_096

const nobody: AgentReading = { hash: 0, reason: 0 }

/** Reads user agents and remembers those it has seen. One a process. */
export class AgentCheck {
  #known = new Map<string, AgentReading>()

  /** An empty text says nothing: real apps send none. */
  read(agent: string): AgentReading {
    if (agent === '') return nobody
    const text = agent.length > charsMax ? agent.slice(0, charsMax) : agent
    const known = this.#known.get(text)
    if (known !== undefined) return known
    if (this.#known.size === agentsMax) this.#known = new Map()
    const reading = { hash: murmur3(text, 0) || 1, reason: reasonOf(text) }
    this.#known.set(text, reading)
    return reading
  }
}

function reasonOf(agent: string): InvalidReason | 0 {
  if (programs.test(agent.toLowerCase())) return InvalidReason.DataCentreAgent
  return isCrawler(agent) ? InvalidReason.Crawler : 0
}
