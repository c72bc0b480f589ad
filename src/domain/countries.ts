/** ISO 3166-1 country codes: two letters to three and back, as media and conditions mix them. */

/**
 * All 249 officially assigned codes, alpha-2 and alpha-3 side by side, and Kosovo, whose
 * user-assigned XK / XKX is what geo databases and exchanges send.
 */
const pairs = `
ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE
BABIH BBBRB BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS
BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN
COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST
EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF
GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD
HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM
JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA
LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD
MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM
NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG
PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA
SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD
STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON
TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR
VNVNM VUVUT WFWLF WSWSM XKXKX YEYEM YTMYT ZAZAF ZMZMB ZWZWE`

/** Upper-case codes of both lengths to alpha-3; `UK` is reserved for Britain and often sent. */
const alpha3Of = new Map<string, string>([['UK', 'GBR']])
const alpha2Of = new Map<string, string>()

for (const pair of pairs.trim().split(/\s+/)) {
  const alpha2 = pair.slice(0, 2)
  const alpha3 = pair.slice(2)
  alpha3Of.set(alpha2, alpha3)
  alpha3Of.set(alpha3, alpha3)
  alpha2Of.set(alpha3, alpha2)
}

/** Alpha-3 in upper case of a code of two or three letters in any case; '' when it is none. */
export function countryAlpha3(code: string): string {
  if (code.length !== 2 && code.length !== 3) return ''
  // Nearly all senders write upper case: then nothing is made.
  return alpha3Of.get(code) ?? alpha3Of.get(code.toUpperCase()) ?? ''
}

/** Alpha-2 in upper case of a code of two or three letters in any case; '' when it is none. */
export function countryAlpha2(code: string): string {
  return alpha2Of.get(countryAlpha3(code)) ?? ''
}

/**
 * The form in which two spellings of a country meet: a code of either length in any case becomes
 * lower-case alpha-3; any other text (a medium's own numbers, a name) becomes lower case.
 */
export function countryKey(text: string): string {
  const alpha3 = countryAlpha3(text)
  return (alpha3 === '' ? text : alpha3).toLowerCase()
}
