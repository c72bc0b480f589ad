/** Site, app or screen; domains and categories. */
import { describe, expect, test } from 'vitest'
import { type Json, requestOf } from '../../../../test/support/openrtb-decode.ts'
import { domainOf } from './domain-name.ts'

const inventoryOf = (parts: Json) => requestOf(parts).inventory

test('everything of a site', () => {
  const site = {
    ...{ id: 's1', name: 'News', domain: 'WWW.News.example', page: 'https://news.example/a?b=c' },
    ...{ cat: ['IAB1'], sectioncat: ['IAB2'], pagecat: ['IAB1', 'IAB3'], cattax: 1 },
    publisher: { id: 'p1', name: 'Press', domain: 'http://press.example/' },
    content: { cat: ['IAB4', 'IAB1'], language: 'EN', langb: 'en-GB' },
  }
  expect(inventoryOf({ site })).toEqual({
    ...{ channel: 1, id: 's1', name: 'News', domain: 'news.example', bundle: '' },
    ...{ page: 'https://news.example/a?b=c', publisherId: 'p1', publisherName: 'Press' },
    ...{ publisherDomain: 'press.example', categories: ['IAB1', 'IAB2', 'IAB3', 'IAB4'] },
    ...{ categoryTaxonomy: 1, language: 'en' },
  })
})

test('everything of an app', () => {
  const app = {
    ...{ id: 'a1', name: 'Game', bundle: 'com.Example.Game', domain: 'game.example' },
    ...{ cat: ['607'], cattax: 6, publisher: { id: 'p' }, content: { langb: 'pt_BR' } },
  }
  expect(inventoryOf({ app })).toMatchObject({
    ...{ channel: 2, id: 'a1', name: 'Game', bundle: 'com.Example.Game', domain: 'game.example' },
    ...{ page: '', categories: ['607'], categoryTaxonomy: 6, publisherId: 'p', language: 'pt-br' },
  })
})

test('everything of a screen', () => {
  const dooh = {
    ...{ id: 'd1', name: 'Mall', domain: 'mall.example', venuetype: ['mall'] },
    ...{ publisher: { id: 'p' }, content: { cat: ['IAB9'], cattax: 2 } },
  }
  expect(inventoryOf({ dooh })).toMatchObject({
    ...{ channel: 3, id: 'd1', name: 'Mall', domain: 'mall.example', publisherId: 'p' },
    ...{ categories: ['IAB9'], categoryTaxonomy: 2 },
  })
})

test.each([
  ['none', {}, 0],
  ['site and app', { site: { domain: 'a.example' }, app: { bundle: 'b' } }, 2],
  [
    'site and an app that says nothing',
    { site: { domain: 'a.example' }, app: { publisher: {} } },
    1,
  ],
  ['a site and an app that say nothing', { site: { publisher: {} }, app: { publisher: {} } }, 2],
  ['all three', { site: { domain: 'a.example' }, app: { bundle: 'b' }, dooh: {} }, 3],
])('of %s, given %j, counts channel %d', (_, parts, channel) => {
  expect(inventoryOf(parts).channel).toBe(channel)
})

test.each([
  [
    'the page, where the domain is missing',
    { page: 'https://www.News.example:8080/x' },
    'news.example',
  ],
  [
    'the domain, where both are there',
    { page: 'https://a.example', domain: 'b.example' },
    'b.example',
  ],
  ['nothing', {}, ''],
])('takes the domain from %s', (_, site, domain) => {
  expect(inventoryOf({ site }).domain).toBe(domain)
})

describe('categories of the content', () => {
  const own = { cat: ['IAB1'] }
  test.each([
    [
      'join those of the same taxonomy',
      { ...own, content: { cat: ['IAB2'] } },
      ['IAB1', 'IAB2'],
      1,
    ],
    ['stay out in another one', { ...own, content: { cat: ['52'], cattax: 6 } }, ['IAB1'], 1],
    ['stand alone in theirs', { content: { cat: ['52'], cattax: 6 } }, ['52'], 6],
    ['are none', { ...own, cattax: 7, content: {} }, ['IAB1'], 7],
    ['ignore a taxonomy of nothing', { cattax: 6, content: { cat: ['IAB2'] } }, ['IAB2'], 1],
  ])('%s', (_, site, categories, categoryTaxonomy) => {
    expect(inventoryOf({ site })).toMatchObject({ categories, categoryTaxonomy })
  })
})

test.each([
  [null, ''],
  ['', ''],
  ['example.com', 'example.com'],
  ['Example.COM', 'example.com'],
  [' www.example.com ', 'example.com'],
  ['example.com.', 'example.com'],
  ['http://www.example.com/path?q#f', 'example.com'],
  ['//example.com/x', 'example.com'],
  ['https://user:secret@example.com:443', 'example.com'],
  ['example.com/www.other.com//x', 'example.com'],
  ['example.com?u=http://other.com', 'example.com'],
  ['https://example.com#x', 'example.com'],
  ['example.com:8080', 'example.com'],
  ['www.com', 'www.com'],
  ['www.', 'www'],
  ['münchen.example', 'münchen.example'],
  ['http://[2001:db8::1]:80/x', '[2001:db8::1]'],
  ['http://', ''],
  ['sub_domain.example', 'sub_domain.example'],
])('the domain of %j is %j', (text, domain) => expect(domainOf(text)).toBe(domain))
