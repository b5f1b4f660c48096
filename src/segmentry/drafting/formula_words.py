"""How often words of names stood on the two sides of formulas: counted from 1,478 formulas in public source files."""

from __future__ import annotations

import math
from functools import cache

from segmentry.auditing.words import words_of

_TABLES = (1710, 4676)
"""Words counted on the left of a formula, which it explains, and on the right, by which it does so."""
_SHRINKAGE = 4.0
"""Words of as many tables, half of what is known, are taken to stand as words do on the mean: a rare word says little."""
_COUNTED = (
    "ability:1:2 above:2:0 abs:3:0 accept:1:1 accident:2:4 account:2:2 action:1:1 active:2:4 actividad:0:2 activity:1:4 "
    "actual:2:1 ad:1:1 address:1:3 admit:2:2 admitted:2:0 advertising:1:1 afam:0:2 afd:2:0 aff:2:0 affair:4:0 after:0:2 "
    "ag:0:3 age:4:293 agegroup:0:2 agreeableness:0:3 agriculture:0:3 alcohol:1:6 alpha:0:2 alter:0:12 amount:10:10 amt:1:2 "
    "angle:1:1 annual:2:2 any:2:0 ap:0:2 app:0:3 applicant:0:2 approbation:3:0 area:1:7 armed:0:2 asian:0:3 at:0:3 "
    "attack:4:1 attendance:0:12 attrition:7:0 average:2:5 avg:5:18 bal:0:4 balance:4:13 baseline:0:4 batch:0:5 before:1:1 "
    "behavior:2:0 best:2:0 beta:0:2 bildung:0:2 binary:2:0 birth:3:4 black:0:19 bloc:0:2 block:0:5 blood:1:3 bmi:1:29 "
    "body:0:2 bp:2:5 brand:1:3 breaker:1:1 breakfast:1:1 bty:0:2 bw:1:1 bwt:2:0 campaign:0:12 canal:0:2 cancelled:2:0 "
    "cancer:2:2 capital:0:5 car:0:3 card:3:3 cards:1:1 casado:0:3 case:4:1 cases:1:2 cat:0:6 category:2:8 cc:0:8 cd:1:1 "
    "censored:2:0 cgpa:1:1 channel:0:10 charges:4:6 child:2:1 children:0:10 choice:7:0 chol:1:2 cholesterol:1:1 chosen:4:0 "
    "churn:12:0 churned:6:0 circumference:1:1 citizen:0:3 city:1:9 civil:0:3 claim:6:1 claims:3:0 class:4:11 cluster:2:0 "
    "cnt:0:2 co:0:2 code:1:6 company:2:3 complaints:1:4 completed:1:1 complication:2:0 compras:1:1 conc:1:4 cond:0:2 "
    "condition:1:4 confidence:2:0 conscientiousness:0:4 construction:0:2 consumption:2:1 contact:1:7 contract:0:8 "
    "conversion:3:1 cor:0:2 correct:4:0 cost:9:3 count:16:5 country:1:8 coverage:0:2 credit:0:21 credito:1:2 credits:0:2 "
    "creditscore:0:2 crime:1:3 cscore:0:3 culture:0:2 current:3:3 cursmoke:0:2 customer:2:11 cvd:3:1 daily:1:2 dataset:0:2 "
    "date:0:2 day:1:6 days:0:10 dbp:0:2 death:7:1 deaths:3:1 debt:0:7 decision:3:0 default:14:5 deficit:1:1 degree:0:3 "
    "delivery:2:0 delta:1:2 dem:2:1 density:1:5 deny:2:0 dep:1:2 department:0:9 dependent:0:2 dependents:1:4 detrend:1:1 "
    "deuda:0:2 device:1:8 diabetes:5:16 diagnosis:2:2 diet:1:2 diff:3:2 direction:2:1 discipline:0:2 discount:0:11 "
    "disease:2:1 dist:1:2 distance:3:7 distancia:0:2 district:0:4 docvis:2:0 dollar:0:2 dose:0:3 drink:1:1 driver:1:10 "
    "dt:0:2 dti:0:3 duration:4:18 earnings:4:0 edad:1:16 edu:0:8 educ:3:27 educacion:1:3 education:1:74 edulevel:0:2 "
    "efficacy:0:3 effort:1:1 einkommen:1:1 email:0:6 emp:0:2 employ:1:2 employed:3:8 employment:0:12 energy:2:1 "
    "engagement:1:1 engine:0:3 english:0:2 enrolled:2:0 entropy:0:3 er:2:1 error:2:0 est:0:2 estado:1:1 estatura:1:1 "
    "estimated:1:2 ethnicity:0:17 eval:1:1 evaluation:0:2 event:9:0 ever:2:1 ex:2:0 exam:2:1 exit:4:0 exp:1:3 "
    "expenditure:4:1 expense:0:2 expenses:2:0 exper:0:10 experience:0:16 experiencia:0:2 expersq:0:2 expire:2:0 "
    "exposure:0:3 extraversion:0:7 factor:0:2 fail:3:0 faixa:0:2 famille:1:2 family:0:9 famsize:0:2 father:1:2 female:1:31 "
    "fertility:2:0 fev:3:0 filhos:0:2 final:2:1 fire:0:2 first:0:5 flag:10:2 fm:1:1 food:4:1 forces:0:2 frac:0:2 fraud:4:0 "
    "freq:8:1 frequency:0:13 friend:0:2 from:0:2 gain:0:3 gap:2:3 gas:2:0 gdp:1:2 gender:0:97 genero:0:8 geschlecht:0:10 "
    "gini:1:2 glucose:1:6 gmat:0:2 gnp:2:2 gp:0:2 gpa:3:14 grade:3:9 gravity:0:2 gre:0:3 group:6:15 growth:1:1 "
    "happiness:2:1 has:1:6 hb:1:1 head:0:2 health:1:9 healthy:0:2 heart:3:1 height:2:8 hh:0:3 high:5:8 hisp:0:3 "
    "hispanic:0:7 history:0:10 hits:1:1 home:2:7 homeowner:0:3 horas:0:2 hospital:3:0 hour:0:5 hours:1:30 house:1:2 "
    "household:0:8 housing:0:8 hr:1:1 hs:2:0 hypertension:3:8 id:1:4 idade:1:11 ideology:0:8 imc:0:2 imd:0:2 immigrant:2:9 "
    "in:2:3 inc:1:6 incidents:3:0 income:6:99 ind:0:3 index:0:6 ingreso:1:10 instrucao:0:2 insulin:0:3 insurance:0:8 "
    "intent:2:0 intention:2:0 interest:2:1 internet:0:2 interval:0:2 invest:2:1 involvement:0:2 iq:0:4 is:15:10 job:3:20 "
    "jump:1:1 kg:0:2 kids:1:9 label:2:0 lag:0:2 land:0:2 lang:1:1 language:0:7 lapsed:2:0 last:0:7 latitude:0:3 ldl:0:2 "
    "left:2:2 len:0:2 length:1:5 level:0:22 lfp:2:0 lg:1:1 life:2:1 limit:0:6 lines:0:2 ln:4:0 lnwage:2:0 loan:9:16 loc:0:2 "
    "location:0:8 log:12:6 logdist:1:1 los:5:0 loss:1:2 low:3:1 loyalty:2:2 ls:1:1 ltv:0:2 lung:2:1 lwage:1:1 lwt:0:2 "
    "majority:2:0 make:0:2 male:0:26 manager:0:2 margin:1:2 marital:0:41 market:1:2 marr:0:3 marriage:0:4 married:0:21 "
    "mass:1:2 math:2:2 mathach:2:0 max:0:6 med:1:1 media:1:1 medu:0:2 member:0:3 members:0:2 mental:0:2 method:0:4 mi:0:2 "
    "mileage:1:3 miles:1:2 minority:0:9 minutes:1:2 missing:2:0 mode:1:1 model:1:8 monday:0:2 monetary:0:5 money:0:3 "
    "month:1:11 monthly:4:17 months:3:11 montly:0:2 monto:0:2 mortality:2:0 mother:1:7 motivation:0:7 mpg:4:0 ms:0:2 "
    "multi:0:2 multiple:0:2 naffairs:2:0 name:0:6 native:0:2 neg:1:1 net:0:2 neuroticism:1:1 news:0:2 newspaper:0:2 "
    "nivel:0:2 no:1:2 nodegree:0:2 nonwhite:0:3 norm:1:1 num:3:11 number:2:10 numvisit:2:0 obese:1:1 obesity:1:4 "
    "observed:2:0 occ:0:2 occupation:0:16 of:4:9 off:1:1 offered:2:0 on:2:3 online:2:2 onset:2:0 open:0:4 orders:0:2 "
    "origin:0:2 other:0:2 out:2:0 outcome:7:2 output:4:1 over:1:3 overall:1:1 owner:0:2 ownership:0:3 ox:2:0 packs:2:0 "
    "pages:0:3 pageviews:0:3 paid:2:0 pain:2:3 panelist:0:2 paperless:0:2 parental:0:2 participation:4:2 party:1:10 "
    "pass:2:2 passed:2:0 pay:1:1 payment:1:2 pc:1:2 pct:4:3 peak:1:1 pedigree:0:2 per:3:6 percentage:1:1 performance:7:3 "
    "period:0:5 personal:2:0 persons:0:3 peso:0:2 phone:0:3 physical:1:2 pid:0:2 plan:0:7 pm:1:1 point:1:1 points:1:1 "
    "pol:0:2 politics:1:1 pop:0:3 population:0:5 position:0:2 positive:2:0 post:1:2 poutcome:0:2 poverty:1:5 power:0:3 "
    "pr:2:1 pre:1:1 pred:0:2 premium:4:1 pres:1:1 pressure:2:4 prestamo:0:2 prev:0:3 prevhyp:0:3 previous:0:9 price:12:18 "
    "prior:0:3 prob:1:1 procedure:0:2 product:0:12 professional:0:2 profit:2:1 prog:2:0 project:0:3 promo:0:2 promotion:1:2 "
    "prompt:0:2 property:1:1 pub:0:3 purchase:5:4 purchased:3:0 purchases:0:4 purpose:0:2 qualification:1:1 quality:1:5 "
    "quantity:2:9 quota:1:1 raca:0:2 race:0:47 raceeth:0:2 radio:0:2 rain:3:0 range:0:3 rank:2:10 rate:8:7 rating:5:9 "
    "ratio:1:2 re:1:4 read:1:2 readmitted:2:0 real:2:2 recency:0:12 reg:0:2 region:0:28 relacion:0:2 relationship:1:7 "
    "released:1:1 religion:0:7 religious:0:2 religiousness:0:3 renda:1:8 residence:0:3 resp:4:0 response:5:0 result:2:1 "
    "retained:3:0 return:1:1 revenu:1:4 revenue:6:1 risk:6:6 role:1:7 rprice:1:1 rt:3:0 rural:0:4 safety:1:1 salario:2:1 "
    "salary:9:12 sale:2:1 sales:12:3 sasymp:0:2 sat:4:9 satisfaction:3:12 sbp:2:1 scale:0:2 school:1:12 science:0:4 "
    "score:35:28 scores:1:2 season:0:4 securities:1:1 seek:1:1 segment:0:7 self:0:4 sem:1:1 service:0:7 ses:0:8 "
    "severity:2:4 sex:0:77 sexe:0:10 sexo:1:12 shift:0:2 since:0:3 single:0:3 site:0:5 size:0:24 skills:0:2 sleep:4:1 "
    "slogis:0:2 slope:0:2 smk:0:2 smoke:1:14 smoker:1:13 smoking:1:14 smsa:0:2 social:1:2 source:0:3 south:0:4 sp:0:2 "
    "species:2:1 speed:1:2 spend:7:4 spending:2:1 spread:2:0 stack:1:1 stage:0:5 stai:1:2 start:0:2 state:0:11 status:19:39 "
    "stock:0:2 stratio:0:3 strength:1:2 stress:1:9 student:1:6 studied:0:7 study:0:4 style:1:1 subject:0:6 success:1:1 "
    "support:2:6 survival:4:1 survived:4:0 systolic:3:1 tamano:0:2 target:9:0 task:1:1 tax:2:1 taxe:2:0 td:1:1 teacher:0:2 "
    "temp:2:10 temperature:0:2 tenure:0:28 term:1:3 test:3:0 time:12:22 to:2:2 tomorrow:2:0 top:4:2 topic:1:2 tot:0:4 "
    "total:21:16 training:0:6 transmission:1:1 travel:0:2 treat:4:9 treated:3:0 treatment:2:19 trend:0:2 trends:2:0 "
    "trips:1:1 trt:0:6 trust:0:7 tumor:0:2 turnover:2:0 tv:0:2 type:4:37 ucla:1:1 ulcer:0:2 unemployed:0:6 unemployment:0:2 "
    "union:2:8 unit:0:4 university:0:2 urban:0:20 usage:0:5 use:2:0 user:0:2 utilization:1:1 vaccine:1:1 value:7:5 var:0:2 "
    "variant:0:3 vehicle:0:9 velocity:0:3 video:1:1 views:1:1 visit:2:5 visitas:3:0 visitor:0:2 visits:2:9 volume:3:6 "
    "vote:8:3 vp:0:2 wage:14:2 wait:1:1 war:1:1 was:1:1 water:1:1 wealth:0:3 week:0:8 weekday:0:2 weeks:0:2 weight:6:20 "
    "white:0:8 width:0:3 win:6:0 winner:2:1 within:1:1 wm:1:1 wohnflaeche:0:2 won:3:1 work:2:6 worked:0:2 working:1:2 "
    "write:0:2 wt:2:3 y:25:1 year:2:34 yearly:0:2 years:3:12 yearsmarried:0:3 yield:5:0 yr:2:1 yrs:0:3 zip:0:3 "
)
"""Words, each with the tables in whose formulas it stood on the left, and on the right; words of one table are left out."""


@cache
def _weights() -> dict[str, float]:
    share = _TABLES[0] / sum(_TABLES)
    usual = math.log(share / (1 - share))
    counted = (entry.split(":") for entry in _COUNTED.split())
    return {
        word: math.log((int(left) + _SHRINKAGE * share) / (int(right) + _SHRINKAGE * (1 - share))) - usual
        for word, left, right in counted
    }


def explained(name: str) -> float:
    """How much likelier than others a name is what analyses explain, than by what they do: mean log odds of its words.

    Words that were not counted say nothing, and neither do single letters in longer names.

    Examples
    --------
    >>> [round(explained(name), 1) for name in ("churned", "Personal income", "MaritalStatus", "quorel")]
    [1.9, -0.3, -1.2, 0.0]
    """
    all_words = words_of(name)
    words = [w for w in all_words if not w.isdecimal() and (len(w) > 1 or len(all_words) == 1)]
    return sum(_weights().get(word, 0.0) for word in words) / max(len(words), 1)
