"""Meanings of column names in English, German, French, Spanish, Portuguese and Italian."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

# A word with a star at its end or at both ends also matches longer words: "kid*" matches "kidhome".
_WORDS_OF_MEANINGS: dict[str, str] = {
    "id": "id ids uuid guid key kennung no nr nummer code identifier *kundennr* *kundennummer* *customerid* "
    "*clientid* *userid* identifiant codigo codice identificador matricula",
    "customer": "customer* cust client* kunde* user* member* subscriber* household* haushalt* account* konto "
    "shopper* guest* person* cliente* mitglied* msisdn respondent* passenger* patient* klant* "
    "assinante* abonado* abonne*",
    "order": "invoice* order* transaction* basket* receipt* ticket* bestellung* bestell* auftrag* rechnung* "
    "commande* facture* pedido* factura* booking* bon beleg* ordine* fattura*",
    "quantity": "quantity qty units menge stueck* stuck* quantite cantidad pieces quantidade quantita qtd qtde",
    "price": "price* unitprice preis* einzelpreis* prix precio* prezzo preco*",
    "money": "amount* amt mnt spend* spent revenue* sales payment* charge* bill* balance* umsatz* *umsatz "
    "betrag* ausgaben zahlung* montant* depense* importe gasto* monto ventas turnover monetary ltv clv "
    "fee fees premium* deposit* expense* expenditure* saldo kosten cost costs paid valor valore "
    "despesa* spesa fatura vendas vendite importo receita tip tips trinkgeld pourboire propina gorjeta mancia",
    "usage": "minutes mins minuten gb mb usage hours stunden nutzung* duration dauer minutos horas heures minuti "
    "duree duracion duracao durata",
    "count": "num number count counts cnt nb anzahl* *anzahl nombre numero visits visit calls orders clicks "
    "purchases sessions logins transactions trips bestellungen besuche* *besuche kaufe einkaufe achats "
    "compras frequency frequence haufigkeit quantidade qtd qtde visitas visite acquisti ordini pedidos "
    "frequencia frecuencia frequenza",
    "deal": "deal* discount* coupon* rabatt* promo* gutschein* remise* desconto* descuento* sconto* oferta*",
    "ratio": "rate rates ratio ratios avg average mean percent pct percentage share per price prices index *quote zinssatz steuersatz durchschnitt* "
    "mittel* anteil* prozent* *preis taux moyenne* prix pourcentage precio* tasa* promedio* porcentaje media medio taxa* preco* "
    "percentual tasso prezzo percentuale",
    "gain": "gain gains profit* gewinn* guthaben credit credits deposit* einzahlung* earned gained ganancia* lucro* guadagno",
    "loss": "loss losses verlust* debit debits debt* withdraw* auszahlung* refund* returned owed due perte* perdida* prejuizo* perdita",
    "cost": "cost costs kosten cout coste costo custo",
    "revenue": "revenue revenues earnings income erlos erloes ertrag profit gain recette ingreso umsatz receita ricavo",
    "response": "response responded accepted accept acceptance converted conversion subscribed subscribe bought "
    "purchased churn* exited attrition cancel* left clicked opened redeemed complain* retained target "
    "outcome y angenommen gekundigt kundigung reagiert antwort gekauft beschwerde* newsletter* optin "
    "reponse respuesta resposta risposta aceit* acept* accett* resilie* resiliation abandon* baja "
    "reclam*",
    "unwanted": "reject* denied deny denial delinq* arrears died dead death failed failure* fraud* lapse* dropout* bankrupt* claim* "
    "insolven* inadimpl* impag* *ausfall abgelehnt* "
    "refus* rechaz* recus* churn* exited attrition cancel* left unsubscribed complain* complaint* fraud* default defaulted "
    "gekundigt kundigung beschwerde* resilie* resiliation abandon* baja reclam*",
    "income": "income* inc faminc* *rincom* rincome* hinct* salary wage wages earnings *einkommen* gehalt* lohn verdienst revenu revenus salaire "
    "ingresos renta inkomen renda rendas rendimento* salario* sueldo reddito stipendio",
    "birth": "birth* born dob yob geb geburt* *geburts* geboren jahrgang naissance nacimiento nascimento nascita",
    "age": "age ages agegroup ageband agerange agegrp agecat alter edad lebensalter idade idades eta edades",
    "kids": "*kids kid* nchild* child* kinder *kinder enfant* hijo* nino* baby babies filho* figli crianca* bambin*",
    "teens": "teen* youth youths jugendlich* adolescent*",
    "female": "fem fml female females male males woman women man men weiblich mannlich femme* homme* mujer* hombre* mulher* homem "
    "homens donna donne uomo uomini",
    "gender": "gender gndr sex geschlecht sexe sexo genero anrede salutation sesso",
    "marital": "marital* married *familienstand* zivilstand civil matrimonial* partner casado casada conjugal* "
    "coniugale",
    "education": "education* educ edu eduyrs collegeed degree bildung* *bildung *schulabschluss* abschluss ausbildung diplome formation "
    "educacion estudios schooling escolaridade* escolaridad* instrucao instruccion istruzione educacao "
    "formacao formacion scolar* etude* estudo* titulacion titolo alfabetiz*",
    "occupation": "occupation* job emp employed wrkstat selfemp* uempl* unemp* profession* beruf* metier ocupacion employment* emploi work* profissao* ocupacao "
    "trabalho emprego cargo profesion* trabajo empleo lavoro csp pcs",
    "household": "dependents dependants people persons family famsize owner haushalt* household* personen senior* home* homeowner eigentumer foyer "
    "hhsize fsize hsize menage hogar famil* domicilio* morador* agregado vivienda moradia abitazione",
    "place": "location* urban rural town towns village region* country* state province city land bundesland stadt ort pays ville pais ciudad area "
    "district geography kanton gemeinde municipio* uf estado cidade regiao provincia comune citta "
    "departement commune comunidad bairro",
    "postcode": "zip* plz postcode postal* postleitzahl cp cep",
    "firm": "industry branche sector employees mitarbeiter* company firma business empresa entreprise azienda "
    "setor ramo",
    "relation": "tenure seniority contract* vertrag* plan tarif* tariff tier membership card abo subscription "
    "channel kanal device loyalty status anciennete antiguedad laufzeit since contrato* contrat* plano "
    "abonnement* assinatura anzianita antiguidade",
    "special": "race racef racegrp racial nonwhite nwhite hispan* latino* afam* caucasian* foreign* immigrant* migrant* migration* ethnic* religio* konfession glaube politic* health* disab* behinder* nationalit* "
    "staatsangeh* citizenship* sexual* gewerkschaft* hautfarbe origine raca raza etnia relig* deficien* "
    "nacionalid* nazionalit*",
    "name": "name names nom namen nome",
    "personal": "firstname surname lastname fullname vorname nachname email* mail phone* telefon* telephone* "
    "useremail customeremail clientemail contactemail kundenemail memberemail workemail primaryemail *telefon handy address* adresse* street strasse iban ssn passport prenom apellido* *strasse "
    "sobrenome cognome celular endereco direccion indirizzo correo morada cpf rue",
    "recency": "recency recence recencia",
    "segment": "segment segments cluster clusters persona label segmento segmentos",
    "coordinate": "lat latitude lon lng longitude",
    "weight": "wt wgt weight weights gewicht gewichtung poids",
    "calendar": "month monat mois mes day tag weekday wochentag dayofweek quarter quartal dia jour trimestre giorno "
    "mese",
    "code": "code type typ art class klasse cat kategorie kind group gruppe region occupation job tipo categor* "
    "classe clase grupo gruppo tipologia",
    "target": "target targets class label y outcome outcomes response antwort reponse respuesta resposta risposta ziel zielvariable klasse cible objetivo alvo clase bersaglio "
    "*creditab*",
    "happened": "churn* exited attrit* default defaulted fraud* lapse* renew* retained resign* quit left cancel* terminat* dropout* "
    "convert* conversion respond* response reply subscribed subscribe bought purchased purchase clicked redeem* vote* voting "
    "voted elected accept* admit* admission approv* reject* denied deny granted hired promoted passed failed surviv* died death "
    "award* won lost claim claims complain* delinq* arrears late donated opted optin unsubscribed renewed satisf* recommend* "
    "success* erfolg* exito sucesso succes successo got took volunteer* gekundigt kundigung gekauft gewahlt stimme zufrieden* bewilligt *ausfall resilie* resiliation desabonne* vota* "
    "angenommen abgelehnt reagiert gespendet acept* aceit* accett* accepte achete votou satisfait* satisfac* satisfec* insolven* abandon* cancelou baja impag* comprou inadimpl* soddisf* compra reclam*",
    "events": "affairs visits claims accidents complaints crimes arrests absences failures",
    "split": "partition partitions trainset testset holdout datensatzteil aufteilung particion "
    "particao partizione",
    "body": "height heights stature bmi grosse korpergrosse taille estatura altura altezza statura",
    "judged": "performance appraisal evaluation beurteilung leistungsbeurteilung *beurteilung desempeno desempenho evaluacion "
    "avaliacao valutazione",
    "change": "hike raise incr increment* increase growth change bonus zuwachs erhohung augmentation aumento variation variacao variazione",
    "wages": "wage wages lwage lohn logwage salary salaries gehalt salaire salario",
    "rated": "satisf* zufrieden* satisfait* satisfac* satisfec* soddisf* recommend*",
    "state_of_things": "status result choice chosen decision vote stance opinion "
    "ergebnis resultat resultado esito",
    "lasting": "time duration durat days survival survtime futime dauer zeit tempo tiempo temps duree duracion duracao durata",
    "ended": "cens* event delta status died dead death ended finished ereignis evento evenement",
    "process": "contact contacted contacts contacto contato campaign campaigns kampagne campagne campana campanha campagna poutcome "
    "treat treated treatment comply compliance control placebo randomized randomised behandlung kontrollgruppe traitement tratamiento tratamento "
    "trattamento "
    "pdays previous mailing mailings mailed reminder* dialed numprom numprm* promotions attempts kontaktiert kontakt",
    "holding": "service* loan* product* insurance* insured deposit* mortgage* phone internet online streaming* *account card cards "
    "*card creditcard security backup support billing plan *plan kredit* darlehen versicherung* pret assurance* prestamo* "
    "seguro* emprestimo* cartao tarjeta prestito assicurazione carta debit credit cd mutuo hypothek*",
    "standing": "student* fem fml female male woman man urban rural owner selfemp* unemp* uempl* collegeed veteran union "
    "homeowner* etudiant* estudiante* estudante*",
    "score": "score* index rating* rank grade note points punkte",
    # The next are meanings for the audit alone.
    "key": "id key uuid guid kundennummer kundennr",
    "year": "year yr jahr annee ano anno vintage",
    "amount": "mnt amt amount spend spent spending revenue sales turnover value total paid payment payments umsatz betrag "
    "montant importe importo valor valore gasto gastos despesa despesas depense depenses spesa vendas ventas "
    "monetary bill fare",
    "counted": "num number count cnt n nb nr qty quantity visits orders items anzahl quantidade qtd qtde frequency times "
    "purchases",
    "purchases": "purchase purchases order orders transaction transactions booking bookings bestellung* achat achats compra "
    "compras acquisti pedido pedidos invoice invoices",
    "deals": "deal deals discount discounts promo* coupon coupons voucher vouchers rabatt* offer offers desconto descontos "
    "descuento descuentos sconti",
    "young": "kid kids kidhome baby babies infant infants toddler toddlers small_children",
    "children": "child children childs childhome kinder enfant enfants hijo hija hijos hijas filho filha filhos filhas figli "
    "crianca criancas dependent dependents dependant dependants",
    "acceptance": "accept* cmp* campaign campaigns respon* converted conversion clicked opened subscribed",
}


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """Split a name into words in lower case without accents.

    Examples
    --------
    >>> words_of("NumWebPurchases"), words_of("Käufe_2024"), words_of("AcceptedCmp3")
    (('num', 'web', 'purchases'), ('kaufe', '2024'), ('accepted', 'cmp', '3'))
    """
    return tuple(folded_words(word) for word in pieces(name))


def folded_words(text: str) -> str:
    """Turn a text into lower case, without accents and outer spaces."""
    decomposed = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold().strip()


def pieces(name: str) -> tuple[str, ...]:
    """Split a name into runs of letters or digits, also where a capital begins a word."""
    return tuple(re.findall(r"[^\W\d_]+|\d+", spaced(name)))


def spaced(name: str) -> str:
    """Separate the words of a name, where a capital begins one, by a space; the s of initials belongs to them.

    Examples
    --------
    >>> spaced("NumCDsBought"), spaced("APIKey"), spaced("LastCDs")
    ('Num CDs Bought', 'API Key', 'Last CDs')
    """
    composed = unicodedata.normalize("NFC", name)
    return re.sub(
        r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-Z])(?=[A-Z](?!s(?![a-z]))[a-z])|(?<=[A-Z]s)(?=[A-Z])",
        " ",
        composed,
    )


def means(name: str, meaning: str) -> bool:
    """Whether a word of the name has the meaning.

    Examples
    --------
    >>> means("Haushaltseinkommen", "income"), means("Year_Birth", "birth"), means("percentage", "age")
    (True, True, False)
    >>> means("y", "target"), means("late_2y", "target"), means("y84", "target")
    (True, False, False)
    >>> means("CustomerEmail", "personal"), means("Voicemail messages", "personal")
    (True, False)
    """
    exact, starts, inside = _word_patterns(meaning)
    words = _without_units(words_of(name))
    return "_".join(words) in exact or any(
        word in exact or word.startswith(starts) or any(part in word for part in inside) for word in words
    )


def _without_units(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without letters beside a number, as in "late_2y" and "spent_12m", and in years such as "y84"."""
    beside = zip(("", *words), words, (*words[1:], ""), strict=False)
    return tuple(w for before, w, after in beside if len(w) > 1 or not (before + after).isdecimal())


@cache
def _word_patterns(meaning: str) -> tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]:
    words = _WORDS_OF_MEANINGS[meaning].split()
    exact = frozenset(w for w in words if "*" not in w)
    starts = tuple(w[:-1] for w in words if w.endswith("*") and not w.startswith("*"))
    inside = tuple(w.strip("*") for w in words if w.startswith("*"))
    return exact, starts, inside
