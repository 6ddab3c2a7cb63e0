"""What the lists find and, as important, what they leave alone.

A sentence with " / " breaks there into the lines of a picture. Slurs stand in the list alone: that
each of them is found is tested from the list, in test_text_matcher.py.
"""

from __future__ import annotations

from typing import Final

import pytest

from media_integrity.schema.findings import TextCategory
from media_integrity.signals.text.matcher import (
    Matcher,
    default_matcher,
)

THREATS: Final = (
    # English
    "I will kill you",
    "I'll kill you tonight",
    "im gonna kill you bitch",
    "WE ARE GOING / TO KILL YOU",
    "I swear I will fucking kill you",
    "I am going to stab you in your sleep",
    "i will rape you",
    "we will murder your family",
    "I know where / you live",
    "I know where your kids go to school",
    "we know where you sleep",
    "I will find you and I will kill you",
    "I'm coming for you and your family",
    "I will break your legs",
    "gonna put a bullet in your head",
    "I will slit your throat",
    "I'll burn your house down",
    "i will shoot you",
    "go kill yourself",
    "Kill yourself",
    "KYS loser",
    "just hang yourself",
    "You will die tonight",
    "you're dead meat",
    "I hope you get raped",
    "your days are numbered",
    "better watch your back bitch",
    "I will shoot up the school",
    "I will throw acid in your face",
    "Nobody would miss you if you died",
    # Spanish
    "Te voy a matar",
    "voy a matarte a ti y a tu familia",
    "Sé dónde vives",
    "sabemos donde vive tu madre",
    "Vas a morir, puta",
    "te voy a romper las piernas",
    # German
    "Ich bring dich um",
    "Ich werde dich / umbringen",
    "Ich weiß, wo du wohnst",
    "wir wissen wo deine Kinder zur Schule gehen",
    "Du wirst sterben",
    "ich stech dich ab",
    # French
    "Je vais te tuer",
    "on va te crever",
    "Je sais où tu habites",
    "Tu vas mourir, salope",
    "va te suicider, va mourir",
    # Polish
    "Zabiję cię",
    "wiem gdzie mieszkasz",
    "poderżnę ci gardło",
    "już nie żyjesz",
    # Portuguese
    "Vou te matar",
    "eu sei onde você mora",
    "Você vai morrer",
    "vou quebrar... vou te quebrar as pernas",
)

SEXTORTION: Final = (
    # English
    "send me money or i send your nudes to all your contacts",
    "Pay me $500 / or I will leak / your pictures",
    "pay 0.1 BTC or I post your videos",
    "Send $300 in gift cards or everyone will see your nudes",
    "I have your nudes",
    "i have naked pictures of you",
    "I recorded you through your webcam",
    "we hacked your phone",
    "I recorded you",
    "I will post your nudes on Instagram",
    "I'll send these pics to your family and friends if you don't pay",
    "You have 24 hours to pay / or your video goes viral",
    "all your followers will get the video unless you send 200 euros",
    "if you block me i will send everything to your family, so pay",
    "send more nudes or I tell your mom and post your pics",
    "send nudes",
    "Send me nudes now",
    "I'm going to expose you",
    "pay now and i will delete the video",
    "Transfer the money today otherwise / the video of you masturbating / will be sent to all your"
    " / contacts",
    "do what I say or your pictures go online",
    "we are leaking your private photos",
    "500 dollars or your boyfriend sees the video",
    "I will make your video viral",
    # Spanish
    "Paga 300 euros o envío tus fotos a todos tus contactos",
    "Si no pagas voy a publicar tus fotos desnuda",
    "mándame dinero o tu familia verá el vídeo",
    "Tengo tus fotos íntimas",
    "he hackeado tu cámara",
    "te grabé masturbándote",
    # German
    "Zahl 500 Euro oder ich schicke / deine Nacktbilder an alle",
    "Ich habe deine Nacktfotos",
    "schick mir Geld sonst sehen es alle, ich poste deine Bilder",
    "Wenn du nicht zahlst, poste ich deine Bilder im Internet",
    "Ich habe dich nackt gefilmt",
    "Überweise 200 € oder deine Familie sieht das Video",
    # French
    "Paie 500 euros ou j'envoie tes photos à ta famille",
    "J'ai tes photos nue",
    "Je vais diffuser ta vidéo intime",
    "si tu paies pas, tout le monde verra tes photos, envoie l'argent ou je balance tes vidéos",
    "j'ai piraté ta webcam",
    # Polish
    "Zapłać 500 zł albo wyślę twoje zdjęcia rodzinie",
    "Mam twoje nagie zdjęcia",
    "przelej kasę albo wszyscy zobaczą nagranie",
    "wrzucę twoje nudesy do internetu",
    "nagrałem cię kamerką",
    # Portuguese
    "Pague 500 reais ou eu mando suas fotos para sua família",
    "Tenho suas fotos íntimas",
    "manda o pix senão vou postar teus nudes",
    "vou vazar seus nudes",
    "hackeei seu celular",
)

HARMLESS: Final = (
    # words with listed ones inside, or one letter away
    "Scunthorpe United won the classic in Essex",
    "grape juice and a therapist with many skills",
    "I'll kill time until the show",
    "please send nodes and edges",
    "The skilled killer whale trainer",
    "Dickens wrote Oliver Twist",
    "assassin's creed assess class pass",
    "Nigeria beat Niger 2:1",
    "The niggardly king's snigger",
    "He was a chinker of glass and a spicy cook",
    "Pakistan and Uzbekistan",
    "a chink in the armour",
    "a box of spice, spick and span",
    "Penistone Road, Sussex, Middlesex",
    "Shitake mushrooms, cocktail, peacock",
    "boots, books, good food, cool pool",
    # idioms, lyrics, everyday
    "this deadline will kill me",
    "dressed to kill",
    "my feet are killing me",
    "Killing me softly with his song",
    "I'm killing it today!",
    "mum is going to kill me when she sees this",
    "If looks could kill",
    "kill two birds with one stone",
    "that joke killed me lol",
    "curiosity killed the cat",
    "I would kill for a coffee right now",
    "I will kill you with kindness",
    "I'd die for you",
    "we're all going to die someday",
    "You will die laughing at this",
    "I know where to get the best pizza",
    "I know you live nearby, come over",
    "I will find you a seat",
    "I will find you, said love",
    "I'm coming for you, summer!",
    "I will shoot you an email tomorrow",
    "we shoot you in black and white at our studio: book a photo shoot",
    "shoot me a message",
    "I will hurt no one",
    "I will never hurt you",
    "I would not kill you even in a game",
    "watch your back when lifting heavy boxes",
    "break a leg!",
    "We will burn calories together",
    "I will beat you at chess",
    "bomb cyclone hits the coast",
    "this cake is the bomb",
    "Don't kill yourself over an exam",
    "I will make you pay for dinner next time",
    "every breath you take, I'll be watching you",
    "Hit me baby one more time",
    "Another one bites the dust",
    "Bang bang, my baby shot me down",
    "I shot the sheriff but I did not shoot the deputy",
    "live and let die",
    # help, news, law
    "If someone threatens to share your nudes, tell a trusted adult",
    "If someone threatens to share your intimate images, you are not to blame",
    "Never send nudes to people you met online",
    "Don't send nudes. Ever.",
    "He pressured me to send nudes",
    "Thinking of ending your life? Call 988",
    "If you want to kill yourself, please call this number now",
    "Sextortion: stop, block, report. Do not pay.",
    "Do not pay. Paying will not stop them.",
    "Report it to the police and keep screenshots",
    "Man arrested for threatening to kill neighbour",
    "Two killed in shooting at shopping mall",
    "Teen killed himself after sextortion, parents sue",
    "Police warn of scam emails that demand bitcoin",
    "Blackmailers often say they have videos of you and demand money",
    "Threatening to share intimate pictures is a crime",
    "Jury finds he threatened to leak her photos",
    "Hundreds die in flood; rescue goes on",
    "How to remove your pictures from the internet",
    "Take It Down helps you remove nude photos of minors",
    "You are not alone. Talk to us.",
    # counter-speech and history
    "Stop saying immigrants are animals",
    "Muslims are not terrorists",
    "Black lives matter",
    "Jews were murdered in the Holocaust. Never again.",
    "Love is love. Gay and proud.",
    "Women are people",
    "Immigrants are welcome here",
    "Refugees are human beings",
    "Hate has no home here",
    "The museum documents how Roma were persecuted",
    # commerce, photography, social media
    "Send your photos to all your friends with one tap",
    "I will send the photos to your email tomorrow",
    "I will send you the pictures tonight",
    "We will publish your photo on our page",
    "Share your pictures with your family",
    "Post your best selfie and win",
    "Pay with Bitcoin or PayPal",
    "Pay now or in 3 instalments",
    "You have 14 days to pay the invoice",
    "Pay 20 euros at the door or buy online",
    "Send money to your family abroad",
    "Get a $500 gift card! Share this video with friends",
    "Nude lipstick palette, 12 shades",
    "I have your nude heels in size 39",
    "Private pictures from our wedding",
    "I recorded you singing, it was beautiful",
    "I filmed you on stage last night",
    "Everyone will see your great work",
    "Your video is going viral, congrats!",
    "Subscribe or miss out! New video every day",
    "Send this to a friend or 7 years bad luck",
    "The webcam recorded a bear at night",
    "Our website was hacked; change your password",
    "SALE ends tonight - 50 % off - don't miss it",
    "Happy birthday! We love you to the moon and back",
    "Mom: did you eat? Me: yes. Mom: send pics or it didn't happen",
    "Keep calm and carry on",
    # other languages, everyday
    "me muero de risa",
    "Te voy a matar a besos",
    "este calor me mata",
    "estás muerto de hambre",
    "voy a enviar las fotos a la familia mañana",
    "sube tus fotos y gana dinero",
    "Die Hitze bringt mich um",
    "Ich weiß nicht, wo du wohnst",
    "Du bist todmüde",
    "Ich schicke dir die Bilder morgen",
    "Zahlen Sie bequem per Rechnung oder PayPal",
    "Schick mir bitte die Fotos vom Urlaub",
    "Teilt eure Bilder mit allen Freunden",
    "Je suis mort de rire",
    "tu vas mourir de rire",
    "en retard, il fait noir",
    "je t'envoie les photos demain",
    "Payez en ligne ou au guichet, 20 euros",
    "Partage tes photos avec tes amis",
    "zabijam nudę",
    "Wyślę ci zdjęcia jutro",
    "wyślij zdjęcie i wygraj 500 zł",
    "ta robota mnie zabije",
    "vou morrer de rir",
    "te mando as fotos amanhã",
    "Pague com pix ou cartão, 50 reais",
    "estou morrendo de saudade",
    "Mande sua foto e ganhe prêmios",
)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return default_matcher()


def categories(matcher: Matcher, sentence: str) -> set[TextCategory]:
    return {match.category for match in matcher.matches(sentence.split(" / "))}


def test_there_are_enough_sentences() -> None:
    assert len(THREATS) + len(SEXTORTION) >= 60
    assert len(HARMLESS) >= 100


@pytest.mark.parametrize("sentence", THREATS)
def test_finds_threat(matcher: Matcher, sentence: str) -> None:
    assert TextCategory.THREAT in categories(matcher, sentence)


@pytest.mark.parametrize("sentence", SEXTORTION)
def test_finds_sextortion(matcher: Matcher, sentence: str) -> None:
    assert TextCategory.SEXTORTION in categories(matcher, sentence)


@pytest.mark.parametrize("sentence", HARMLESS)
def test_leaves_everyday_language_alone(matcher: Matcher, sentence: str) -> None:
    assert matcher.matches(sentence.split(" / ")) == ()
