"""The words of what sites put between and below the paragraphs of articles, by language. Data for `boilerplate` only.

Each entry is a regular expression for case-folded text.
"""

from __future__ import annotations

from typing import NamedTuple


class Furniture(NamedTuple):
    """One language's words.

    `related` heads or introduces links to other articles; `advert`, `share` and `comments` are whole lines;
    `subscribe` starts an invitation to something that `letter` names; `follow` starts an invitation to a network.
    """

    related: str
    advert: str
    share: str
    comments: str
    subscribe: str
    letter: str
    follow: str


FURNITURE = {
    "ar": Furniture(
        related=r"اقرأ أيض[اً]{1,2}|إقرأ أيض[اً]{1,2}|اقرأ المزيد|مواضيع ذات صلة|قد يعجبك أيض[اً]{1,2}|شاهد أيض[اً]{1,2}",
        advert=r"إعلان|إعلانات",
        share=r"شارك(?: المقال| هذا المقال)?|مشاركة",
        comments=r"التعليقات|تعليقات|اترك تعليق[اً]{0,2}",
        subscribe=r"اشترك|سجل",
        letter=r"النشرة|نشرتنا",
        follow=r"تابعونا|تابعنا",
    ),
    "de": Furniture(
        related=r"lesen sie auch|lesen sie mehr|mehr zum thema|auch interessant|das könnte sie auch interessieren"
        r"|weitere artikel|verwandte (?:artikel|themen)|zum thema",
        advert=r"anzeige|werbung",
        share=r"(?:artikel |beitrag )?teilen|drucken|artikel merken",
        comments=r"(?:\d+ )?kommentare?|kommentar (?:schreiben|hinterlassen)|diskutieren sie mit",
        subscribe=r"abonnieren sie|jetzt abonnieren|melden sie sich|hier anmelden|bestellen sie",
        letter=r"newsletter|kanal",
        follow=r"folgen sie (?:uns|\S+(?: \S+)?)|folge uns",
    ),
    "en": Furniture(
        related=r"related(?: (?:stories|story|articles|article|coverage|content|posts|reading|topics|news|links))?"
        r"|read (?:more|next|also)|also read|see (?:more|also)|more (?:stories|news|on this|from .{2,40})|don['’]t miss"
        r"|must read|recommended(?: for you)?|you (?:may|might) (?:also )?(?:like|be interested in)|explore further"
        r"|(?:most (?:read|popular|viewed)|trending|popular)(?: (?:now|stories|in .{2,40}))?|what to read next",
        advert=r"advertisements?|advertising|sponsored(?: content)?|article continues (?:below|after).{0,40}"
        r"|story continues (?:below|after).{0,40}",
        share=r"share(?: this)?(?: article| story| post| page)?(?: (?:on|via) .{2,40})?|tweet(?: this)?|print(?: this)?"
        r"|share (?:on|via) .{2,40}|copy link|email this(?: article| story)?",
        comments=r"(?:\d+ )?comments?|leave a (?:comment|reply)|post a comment|(?:view|show|read|join the) "
        r"(?:\d+ )?(?:all )?(?:comments|conversation|discussion)|tell us what you think",
        subscribe=r"(?:click here to |please |to )?(?:subscribe|sign up)"
        r"|get (?:the|our|all|more|access|this|a)\b.{0,60}|(?:have|get) .{2,80} delivered|want more",
        letter=r"newsletters?|inbox|e-?mail alerts?|youtube channel|our podcast|breaking news alerts|subscription"
        r"|letterbox|\bapp\b",
        follow=r"(?:like and |you can |please )?follow (?:us|me|him|her|them|@\w+|(?:\S+ ){1,4})|like us"
        r"|find us|join us|connect with us",
    ),
    "es": Furniture(
        related=r"lea? también|leer más|lee más|te puede interesar|también te puede interesar|noticias relacionadas"
        r"|artículos relacionados|más noticias|le puede interesar|más información|mira también",
        advert=r"publicidad|anuncio",
        share=r"compartir(?: (?:en|por) .{2,30})?|comparte(?: esta noticia)?|imprimir",
        comments=r"(?:\d+ )?comentarios?|deja un comentario|comentar",
        subscribe=r"suscríb[ae](?:se|te)|suscribirse|reciba|recibe|apúnt[ae](?:te|se)|regístr[ae](?:te|se)",
        letter=r"newsletters?|boletín|boletines|canal",
        follow=r"s[ií]g[ua]e?(?:nos|enos)|síguenos|síganos",
    ),
    "fr": Furniture(
        related=r"(?:à )?lire aussi|à lire également|lire la suite|sur le même sujet|voir aussi|à voir aussi"
        r"|articles (?:liés|similaires|associés)|vous aimerez aussi|les plus lus",
        advert=r"publicité|annonce|la suite après (?:la|cette) publicité",
        share=r"partager(?: (?:sur|par|cet article).{0,30})?|imprimer",
        comments=r"(?:\d+ )?commentaires?|laisser un commentaire|réagir",
        subscribe=r"abonnez-vous|inscrivez-vous|recevez|s['’]abonner|s['’]inscrire",
        letter=r"newsletters?|lettre d['’]information|infolettre|chaîne",
        follow=r"suivez[- ](?:nous|\S+(?: \S+)?)|rejoignez-nous",
    ),
    "it": Furniture(
        related=r"leggi anche|leggi (?:di più|altro)|potrebbe interessarti|articoli correlati|ti potrebbe interessare"
        r"|guarda anche|per approfondire|i più letti",
        advert=r"pubblicità|annuncio",
        share=r"condividi(?: (?:su|via) .{2,30})?|stampa",
        comments=r"(?:\d+ )?commenti|lascia un commento|commenta",
        subscribe=r"iscriviti|abbonati|ricevi|registrati",
        letter=r"newsletter|canale",
        follow=r"segui(?:ci|teci)",
    ),
    "pt": Furniture(
        related=r"leia (?:também|mais)|saiba mais|veja (?:também|mais)|notícias relacionadas|artigos relacionados"
        r"|mais lidas|você (?:também )?pode gostar|relacionadas",
        advert=r"publicidade|anúncio|continua (?:depois|após) da publicidade",
        share=r"compartilh(?:ar|e)(?: (?:no|via|por) .{2,30})?|partilhar|imprimir",
        comments=r"(?:\d+ )?comentários?|deixe (?:um|seu) comentário|comentar",
        subscribe=r"assine|inscreva-se|receba|subscreva|cadastre-se",
        letter=r"newsletters?|boletim|canal",
        follow=r"siga(?:-nos)?|sigam-nos|acompanhe",
    ),
    "ru": Furniture(
        related=r"читайте также|читать (?:далее|также)|по теме|материалы по теме|похожие (?:статьи|новости)"
        r"|смотрите также|самое читаемое|вам может быть интересно",
        advert=r"реклама",
        share=r"поделиться(?: .{2,30})?|распечатать",
        comments=r"(?:\d+ )?комментари(?:и|й|ев|я)|оставить комментарий",
        subscribe=r"подпи(?:шитесь|сывайтесь|саться)",
        letter=r"рассылк|канал",
        follow=r"следите за нами|подписывайтесь на нас|мы в",
    ),
    "tr": Furniture(
        related=r"ayrıca okuyun|bunlar da ilginizi çekebilir|ilginizi çekebilir|ilgili haberler|diğer haberler"
        r"|benzer haberler|devamını oku|en çok okunanlar|i̇lgili haberler",
        advert=r"reklam|ilan",
        share=r"paylaş|(?:haberi )?yazdır",
        comments=r"(?:\d+ )?yorum(?:lar)?|yorum (?:yap|yaz|yazın)",
        subscribe=r"abone ol(?:un)?|kaydol(?:un)?|üye ol(?:un)?|bültenimize",
        letter=r"bülten|kanal",
        follow=r"bizi takip edin|takip edin",
    ),
}
