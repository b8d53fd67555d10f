"""Types of links of the GS1 Web Vocabulary for goods, places and parties, and how a request names them.

Source: https://ref.gs1.org/voc/?show=linktypes
"""

from __future__ import annotations

VOCABULARY = "https://ref.gs1.org/voc/"
_OLD_VOCABULARIES = ("https://gs1.org/voc/", "https://www.gs1.org/voc/", "http://gs1.org/voc/")
DEFAULT, DEFAULT_MULTI = "defaultLink", "defaultLinkMulti"
# What owners of keys may say; the order is that of choices.
KNOWN = (
    "pip",
    "traceability",
    "certificationInfo",
    "safetyInfo",
    "recallStatus",
    "instructions",
    "ingredientsInfo",
    "nutritionalInfo",
    "allergenInfo",
    "consumerHandlingStorageInfo",
    "sustainabilityInfo",
    "productSustainabilityInfo",
    "recipeInfo",
    "hasRetailers",
    "promotion",
    "homepage",
    "locationInfo",
    "openingHoursInfo",
    "logisticsInfo",
    "masterData",
    "epcis",
    "smartLabel",
    "verificationService",
    "registryEntry",
    "registerProduct",
    "epil",
    "smpc",
    "support",
    "serviceInfo",
    "faqs",
    "quickStartGuide",
    "tutorial",
    "relatedVideo",
    "whatsInTheBox",
    "purchaseSuppliesOrAccessories",
    "activityIdeas",
    "menuInfo",
    "review",
    "leaveReview",
    "socialMedia",
    "statisticInfo",
    "paymentLink",
    "userAgreement",
    "careersInfo",
    "handledBy",
    "jws",
)


def named(text: str) -> str | None:
    """The bare name of a link type given bare, as CURIE or as web URI; None: no such type."""
    name = text.removeprefix("gs1:")
    for beginning in (VOCABULARY, *_OLD_VOCABULARIES):
        name = name.removeprefix(beginning)
    return name if name in (*KNOWN, DEFAULT, DEFAULT_MULTI) else None


def uri_of(name: str) -> str:
    return VOCABULARY + name
