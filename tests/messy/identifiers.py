"""Columns of invented identifiers, and of what looks like them and is none; all drawn at random, none of anybody."""

from collections.abc import Callable
from dataclasses import dataclass

FIRST = ["Ada", "Bo", "Clem", "Dora", "Élise", "Finn", "Gül", "Hanna", "Ines", "Jörg", "Kaja", "Lou", "María", "Nils"]
SYLLABLES = ["ba", "ker", "lin", "mo", "ros", "ten", "vik", "sal", "dor", "fen", "gra", "hul"]
STREETS = ["Elm", "Harbour", "Mill", "Orchard", "Station", "Chapel"]
MARKED: dict[str, "Marked"] = {}


@dataclass(frozen=True)
class Marked:
    """A kind: how one value is drawn, the names its columns go by, and whether its values tell without a name."""

    draw: Callable
    names: tuple[str, ...]
    by_values: bool
    code: str = "P-IDENTIFIER"


def marked(*names, by_values, code="P-IDENTIFIER"):
    def keep(draw):
        MARKED[draw.__name__] = Marked(draw, names, by_values, code)
        return draw

    return keep


def digits(rng, count, first="0123456789"):
    return str(rng.choice(list(first))) + "".join(str(digit) for digit in rng.integers(0, 10, count - 1))


def letters(rng, count, of="ABCDEFGHJKLMNPRSTUVWXYZ"):
    return "".join(str(rng.choice(list(of))) for _ in range(count))


def day(rng, first=1925, last=2005):
    return int(rng.integers(first, last)), int(rng.integers(1, 13)), int(rng.integers(1, 29))


def surname(rng):
    return "".join(str(rng.choice(SYLLABLES)) for _ in range(rng.integers(2, 4))).capitalize()


def one_check_digit(rng, body, is_right):
    """Return the body with the one last digit that makes it right; a new body where there is none."""
    while True:
        text = body(rng)
        for last in "0123456789":
            if is_right(text + last):
                return text + last


def eleven(text):
    return sum((10 - place) * int(digit) for place, digit in enumerate(text)) % 11 == 0


def doubled(text):
    total = 0
    for place, digit in enumerate(text[::-1]):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


# names and ways to reach somebody


@marked("surname", "last_name", "LastName", "Nachname", "nom_de_famille", "apellido", by_values=False)
def family_name(rng):
    return surname(rng)


@marked("first_name", "FirstName", "forename", "Vorname", "prénom", "nombre_paciente", by_values=False)
def given_name(rng):
    return str(rng.choice(FIRST)) + str(rng.choice(["", "-Lou", "marie"]))


@marked("patient_name", "full_name", "name", "Patientenname", "nom_patient", "nombre_completo", by_values=True)
def whole_name(rng):
    return f"{rng.choice(FIRST)} {surname(rng)}"


@marked("Patient Name", "pat_name", "name", by_values=True)
def name_reversed(rng):
    return f"{surname(rng)}, {rng.choice(FIRST)}"


@marked("initials", "Initialen", "iniciales", by_values=False)
def initials(rng):
    return letters(rng, int(rng.integers(2, 4)))


@marked("email", "e-mail", "contact_email", "E-Mail-Adresse", "courriel", "correo", by_values=True)
def email(rng):
    return f"{surname(rng).lower()}{rng.integers(1, 99)}@{rng.choice(['example.org', 'mail.example.com'])}"


@marked("phone", "telephone", "Mobile", "tel", "contact_number", by_values=True)
def phone_british(rng):
    return f"{rng.choice(['+44 7700', '07700', '+44 (0)7700'])} {digits(rng, 6)}"


@marked("phone_number", "cell_phone", "PhoneNumber", by_values=True)
def phone_american(rng):
    area, exchange = digits(rng, 3, "23456789"), digits(rng, 3, "23456789")
    return str(rng.choice([f"({area}) {exchange}-", f"{area}-{exchange}-", f"{area}.{exchange}."])) + digits(rng, 4)


@marked("Telefonnummer", "telefon", "Handy", "Rufnummer", by_values=True)
def phone_german(rng):
    return f"0{digits(rng, 3, '123456789')}{rng.choice(['/', ' '])}{digits(rng, 7, '123456789')}"


@marked("téléphone", "numero_telephone", "portable", by_values=True)
def phone_french(rng):
    return str(rng.choice([" ", "."])).join([f"0{digits(rng, 1, '123456789')}", *(digits(rng, 2) for _ in range(4))])


@marked("teléfono", "movil", by_values=True)
def phone_spanish(rng):
    return f"{digits(rng, 3, '67')} {digits(rng, 2)} {digits(rng, 2)} {digits(rng, 2)}"


@marked("phone", "tel", "mobile_number", by_values=False)
def phone_of_digits_alone(rng):
    return digits(rng, 10, "23456789")


@marked("address", "street_address", "home_address", "AddressLine1", by_values=True)
def address_english(rng):
    return f"{rng.integers(1, 400)} {rng.choice(STREETS)} {rng.choice(['Street', 'Road', 'Ave', 'Lane'])}"


@marked("Adresse", "Anschrift", by_values=True)
def address_german(rng):
    return f"{surname(rng)}{rng.choice(['straße', 'weg', 'platz', 'str.'])} {rng.integers(1, 200)}"


@marked("adresse_postale", "domicile", by_values=True)
def address_french(rng):
    return f"{rng.integers(1, 200)} {rng.choice(['rue', 'avenue', 'boulevard'])} {surname(rng)}"


@marked("dirección", "domicilio", by_values=True)
def address_spanish(rng):
    return f"{rng.choice(['Calle', 'Avenida', 'Plaza'])} {surname(rng)}, {rng.integers(1, 200)}"


@marked("url", "homepage", "website", by_values=True)
def url(rng):
    return f"https://www.{surname(rng).lower()}.example/{rng.integers(1, 999)}"


@marked("ip", "ip_address", "IPAddress", by_values=True)
def ip_four(rng):
    return ".".join(str(part) for part in rng.integers(1, 255, 4))


@marked("ip_address", "client_ip", by_values=True)
def ip_six(rng):
    return "2001:db8:" + ":".join(f"{part:x}" for part in rng.integers(1, 65535, 6))


@marked("mac_address", "mac", "MAC-Adresse", by_values=True)
def mac_address(rng):
    return ":".join(f"{part:02X}" for part in rng.integers(0, 256, 6))


@marked("licence_plate", "number_plate", "vehicle_registration", by_values=True)
def plate_british(rng):
    return f"{letters(rng, 2)}{digits(rng, 2)} {letters(rng, 3)}"


@marked("Kennzeichen", "Kfz-Kennzeichen", by_values=True)
def plate_german(rng):
    return f"{letters(rng, int(rng.integers(1, 4)))}-{letters(rng, 2)} {rng.integers(1, 9999)}"


@marked("immatriculation", by_values=True)
def plate_french(rng):
    return f"{letters(rng, 2)}-{digits(rng, 3)}-{letters(rng, 2)}"


@marked("matricula", "licence_plate", by_values=True)
def plate_spanish(rng):
    return f"{digits(rng, 4)} {letters(rng, 3, 'BCDFGHJKLMNPRSTVWXYZ')}"


@marked("device_serial", "serial_number", "pacemaker_serial", "Seriennummer", "numero_serie", by_values=False)
def device_serial(rng):
    return f"{letters(rng, 3)}{digits(rng, 7)}"


@marked("imei", by_values=True)
def imei(rng):
    return one_check_digit(rng, lambda rng: "35" + digits(rng, 12), doubled)


# dates of birth


@marked("dob", "date_of_birth", "birth_date", "PatientDOB", "Geburtsdatum", "date_naissance", by_values=False)
def birth_iso(rng):
    return "{:04d}-{:02d}-{:02d}".format(*day(rng))


@marked("birthdate", "geb_datum", "fecha_nacimiento", "data_nascita", by_values=False)
def birth_day_first(rng):
    year, month, of_month = day(rng)
    return f"{of_month:02d}.{month:02d}.{year}"


# numbers that states, services and banks give


@marked("mrn", "MRN", "medical_record_number", "MedRecNo", by_values=False)
def record_number(rng):
    return digits(rng, 7, "123456789")


@marked("hospital_number", "chart_number", "historia_clinica", "numero_dossier", by_values=False)
def hospital_number(rng):
    return f"{letters(rng, 1)}{digits(rng, 6)}"


@marked("nhs_number", "NHSNumber", "nhs_no", by_values=True)
def nhs_number(rng):
    return one_check_digit(rng, lambda rng: digits(rng, 9, "46"), eleven)


@marked("nhs_number", "NHS", by_values=True)
def nhs_number_in_groups(rng):
    text = nhs_number(rng)
    return f"{text[:3]} {text[3:6]} {text[6:]}"


@marked("chi", "chi_number", by_values=True)
def chi_number(rng):
    def body(rng):
        year, month, of_month = day(rng)
        return f"{of_month:02d}{month:02d}{year % 100:02d}{digits(rng, 3)}"

    return one_check_digit(rng, body, eleven)


@marked("ssn", "SSN", "social_security_number", by_values=True)
def ssn(rng):
    return f"{rng.integers(100, 665)}-{rng.integers(1, 100):02d}-{rng.integers(1, 10000):04d}"


@marked("ssn", "SocialSecurityNo", by_values=False)
def ssn_of_digits_alone(rng):
    return ssn(rng).replace("-", "")


@marked("ni_number", "nino", by_values=True)
def national_insurance(rng):
    return f"{letters(rng, 2, 'ABCEHJKLMNPRSTWXYZ')}{digits(rng, 6)}{letters(rng, 1, 'ABCD')}"


@marked("sin", "social_insurance_number", by_values=True)
def canadian_sin(rng):
    text = one_check_digit(rng, lambda rng: digits(rng, 8, "1234567"), doubled)
    return f"{text[:3]}-{text[3:6]}-{text[6:]}"


@marked("provider_npi_x", by_values=True)
def npi(rng):
    return one_check_digit(rng, lambda rng: digits(rng, 9, "12"), lambda text: doubled("80840" + text))


@marked("card_number", "credit_card", "Kreditkarte", "tarjeta", by_values=True)
def payment_card(rng):
    return one_check_digit(rng, lambda rng: digits(rng, 15, "45"), doubled)


@marked("iban", "Kontonummer", "bank_account", by_values=True)
def iban(rng):
    account = digits(rng, 18)
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


@marked("mbi", "medicare_number", by_values=True)
def medicare_beneficiary(rng):
    of = "ACDEFGHJKMNPQRTUVWXY"
    front = f"{digits(rng, 1, '123456789')}{letters(rng, 1, of)}{digits(rng, 2)}"
    return f"{front}{letters(rng, 1, of)}{digits(rng, 2)}{letters(rng, 2, of)}{digits(rng, 2)}"


@marked("Versichertennummer", "kvnr", "krankenversichertennummer", by_values=True)
def german_insured(rng):
    def is_right(text):
        pairs = f"{ord(text[0]) - 64:02d}{text[1:]}"
        products = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(pairs[:-1])]
        return sum(product // 10 + product % 10 for product in products) % 10 == int(pairs[-1])

    return one_check_digit(rng, lambda rng: letters(rng, 1) + digits(rng, 8), is_right)


@marked("nir", "numero_securite_sociale", "num_secu", by_values=True)
def french_nir(rng):
    body = (
        f"{rng.integers(1, 3)}{rng.integers(25, 99)}{rng.integers(1, 13):02d}{rng.integers(1, 96):02d}{digits(rng, 6)}"
    )
    return f"{body}{97 - int(body) % 97:02d}"


@marked("dni", "DNI_paciente", "nif", by_values=True)
def spanish_dni(rng):
    number = int(rng.integers(10_000_000, 99_999_999))
    return f"{number}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"


@marked("codice_fiscale", "tax_id", by_values=True)
def italian_tax_code(rng):
    born = f"{digits(rng, 2)}{letters(rng, 1, 'ABCDEHLMPRST')}{rng.integers(1, 29):02d}"
    return f"{letters(rng, 6)}{born}{letters(rng, 1)}{digits(rng, 3)}{letters(rng, 1)}"


@marked("bsn", "burgerservicenummer", by_values=True)
def dutch_bsn(rng):
    def is_right(text):
        return (sum((9 - place) * int(digit) for place, digit in enumerate(text[:8])) - int(text[8])) % 11 == 0

    return one_check_digit(rng, lambda rng: digits(rng, 8, "123456789"), is_right)


@marked("personnummer", by_values=True)
def swedish_number(rng):
    def body(rng):
        year, month, of_month = day(rng)
        return f"{year % 100:02d}{month:02d}{of_month:02d}{digits(rng, 3)}"

    text = one_check_digit(rng, body, doubled)
    return f"{text[:6]}-{text[6:]}"


@marked("cpr_number", by_values=True)
def danish_number(rng):
    year, month, of_month = day(rng)
    return f"{of_month:02d}{month:02d}{year % 100:02d}-{digits(rng, 4)}"


@marked("cpf", by_values=True)
def brazilian_cpf(rng):
    text = digits(rng, 9, "123456789")
    for _ in range(2):
        rest = sum((len(text) + 1 - place) * int(digit) for place, digit in enumerate(text)) * 10 % 11 % 10
        text += str(rest)
    return f"{text[:3]}.{text[3:6]}.{text[6:9]}-{text[9:]}"


@marked("passport_number", "Reisepass", "passeport", "pasaporte", by_values=False)
def passport(rng):
    return f"{letters(rng, 2)}{digits(rng, 7)}"


@marked("insurance_number", "policy_number", "health_plan_number", by_values=False)
def health_plan(rng):
    return f"{letters(rng, 3)}{digits(rng, 8)}"


# in prose


@marked("notes", "comment", by_values=True)
def email_in_notes(rng):
    return f"seen in clinic, results to be sent to {email(rng)} by friday"


@marked("notes", "Bemerkung", by_values=True)
def phone_in_notes(rng):
    return f"stable on day {rng.integers(1, 9)}, daughter asks to be called on {phone_american(rng)} after noon"


@marked("remarks", by_values=True)
def nhs_number_in_notes(rng):
    return f"duplicate of {nhs_number_in_groups(rng)} as was found on day {rng.integers(1, 9)}"


@marked("remarks", by_values=True)
def title_in_notes(rng):
    return f"{rng.choice(['Mrs', 'Mr', 'Ms'])} {surname(rng)} was seen again for review"


@marked("history", by_values=True)
def birth_in_notes(rng):
    return "referred from the ward, DOB {2:02d}/{1:02d}/{0}, no allergies".format(*day(rng))


@marked("history", by_values=True)
def address_in_notes(rng):
    return f"lives alone at {address_english(rng)} on the second floor"


# where somebody lives


@marked("postcode", "PostCode", "postal_code", by_values=True, code="P-GEO")
def postcode_british(rng):
    outward = f"{letters(rng, 2, 'ABCDEFGHKL')}{rng.integers(1, 20)}"
    return f"{outward} {rng.integers(0, 10)}{letters(rng, 2, 'ABDEFGHJLNPQRSTUWXYZ')}"


@marked("zip", "zip_code", "ZIP5", "Postleitzahl", "PLZ", "code_postal", "codigo_postal", by_values=False, code="P-GEO")
def postcode_of_five_digits(rng):
    return digits(rng, 5)


@marked("zip", "zipcode", by_values=False, code="P-GEO")
def postcode_and_four(rng):
    return f"{digits(rng, 5)}-{digits(rng, 4)}"


@marked("postal_code", by_values=True, code="P-GEO")
def postcode_canadian(rng):
    outward = f"{letters(rng, 1, 'ABCEGHJKLMNPRSTVXY')}{digits(rng, 1)}{letters(rng, 1)}"
    return f"{outward} {digits(rng, 1)}{letters(rng, 1)}{digits(rng, 1)}"


@marked("city", "town", "Wohnort", "ville", "ciudad", "county", by_values=False, code="P-GEO")
def city(rng):
    return str(rng.choice(["Vikten", "Saldor", "Fenlin", "Grahul", "Moros", "Kerba", "Tenvik"]))


@marked("street", "Straße", "rue", "calle", by_values=False, code="P-GEO")
def street(rng):
    return f"{rng.choice(STREETS)} Road"


@marked("latitude", "longitude", "gps_lat", "Breitengrad", by_values=False, code="P-GEO")
def latitude(rng):
    return f"{rng.uniform(40, 60):.5f}"


@marked("location", "coordinates", by_values=True, code="P-GEO")
def coordinates(rng):
    return f"{rng.uniform(40, 60):.5f}, {rng.uniform(-9, 9):.5f}"


@marked("lsoa", "msoa", "census_tract", by_values=False, code="P-GEO")
def census_area(rng):
    return f"E0100{digits(rng, 4)}"


# what looks like an identifier and is none: by the column's name, a value from the generator and the row's number


def one_of(*values):
    return lambda rng, row: str(rng.choice(values))


def number(low, high, decimals=0):
    return lambda rng, row: f"{rng.uniform(low, high):.{decimals}f}"


def of_digits(count, first="123456789"):
    return lambda rng, row: digits(rng, count, first)


def date_in(first, last, form="{:04d}-{:02d}-{:02d}"):
    return lambda rng, row: form.format(*day(rng, first, last))


LOOK_ALIKES = {
    "sno": lambda rng, row: str(row + 1),
    "id": of_digits(10),
    "record_id": of_digits(9),
    "subject_id": lambda rng, row: f"{row % 9 + 101}-{row:04d}",
    "study_id": lambda rng, row: one_check_digit(
        rng, lambda rng: digits(rng, 9, "12"), lambda text: doubled("80840" + text)
    ),
    "participant": lambda rng, row: f"{row % 7 + 10:03d}-{row:05d}",
    "screening_code": lambda rng, row: f"S{row % 7 + 1:02d}-{row % 3 + 1:02d}-{row:04d}",
    "trial_code": lambda rng, row: f"{row % 9 + 101}-{row % 3 + 1:02d}-{row:04d}",
    "hadm_id": of_digits(8),
    "visit_ref": of_digits(9),
    "episode_ref": of_digits(10),
    "spell_ref": of_digits(11),
    "trace_ref": of_digits(12),
    "sample_ref": of_digits(15),
    "barcode": of_digits(16, "45"),
    "zero_padded": lambda rng, row: f"{rng.integers(1, 10**8):010d}",
    "uuid": lambda rng, row: "-".join(f"{rng.integers(0, 16**count):0{count}x}" for count in (8, 4, 4, 4, 12)),
    "name_hash": lambda rng, row: f"{rng.integers(0, 16**15):016x}",
    "phone_hash": lambda rng, row: f"{rng.integers(0, 16**15):016x}",
    "epoch": lambda rng, row: str(1_600_000_000 + 86_400 * row),
    "timestamp": lambda rng, row: (
        f"2021{rng.integers(1, 13):02d}{rng.integers(1, 29):02d}{rng.integers(0, 24):02d}3000"
    ),
    "serial_no": lambda rng, row: str(row + 1),
    "plate_id": lambda rng, row: f"P{row % 12 + 1:02d}",
    "well": lambda rng, row: f"{'ABCDEFGH'[row % 8]}{row % 12 + 1:02d}",
    "device_id": one_of("CT-0001", "CT-0002", "MR-0001"),
    "batch_no": lambda rng, row: f"LOT{2000 + row % 30}",
    "tube": lambda rng, row: f"AB{rng.integers(100, 999)}{'X' if row % 2 else 'Y'}Q",
    "icd10": one_of("E11.9", "I10", "J45.909", "S72.001A", "C50.911", "N18.3"),
    "loinc": one_of("2345-7", "718-7", "2951-2", "2160-0", "4548-4", "13457-7"),
    "snomed": one_of("44054006", "38341003", "195967001", "22298006", "73211009", "84114007"),
    "atc": one_of("C09AA05", "A10BA02", "N02BE01", "B01AC06"),
    "ndc": lambda rng, row: f"{rng.integers(10000, 99999)}-{rng.integers(1000, 9999)}-{rng.integers(10, 99)}",
    "ndc_product": lambda rng, row: f"{rng.integers(10000, 99999)}-{rng.integers(1000, 9999)}",
    "cpt": of_digits(5),
    "ean": lambda rng, row: f"400{digits(rng, 10)}",
    "rs_number": lambda rng, row: f"rs{digits(rng, 8)}",
    "mutation": lambda rng, row: f"c.{rng.integers(1, 4000)}G>A",
    "hla": one_of("A*02:01", "B*07:02", "DRB1*15:01"),
    "enzyme": one_of("1.1.1.27", "2.6.1.1", "3.1.3.1", "2.6.1.2"),
    "tnm": one_of("T1N0M0", "T2N1M0", "T3N2M1"),
    "version": one_of("1.0.3", "1.0.4", "2.11.0"),
    "blood_pressure": lambda rng, row: f"{rng.integers(95, 190)}/{rng.integers(50, 110)}",
    "clock": lambda rng, row: f"{rng.integers(0, 24):02d}:{rng.integers(0, 60):02d}",
    "grade": one_of("1-2", "2-3", "3-4"),
    "age": number(18, 101),
    "birth_year": lambda rng, row: str(rng.integers(1920, 2004)),
    "birth_month": lambda rng, row: f"{rng.integers(1920, 2004)}-{rng.integers(1, 13):02d}-01",
    "birth_weight": number(900, 4800),
    "birthplace": one_of("47", "42", "12"),
    "sodium": number(120, 155),
    "creatinine": number(30, 900, 1),
    "platelets": number(20_000, 900_000),
    "cell_count": lambda rng, row: str(rng.integers(10**8, 10**10)),
    "ferritin": number(5, 9000, 3),
    "charges": lambda rng, row: f"{rng.uniform(900, 990_000):.2f}",
    "base_excess": lambda rng, row: f"{rng.uniform(-9, 9):+.1f}",
    "viral_load": lambda rng, row: str(rng.integers(10**7, 10**8)),
    "lat": number(1.5, 6.5, 2),
    "ip_10_protein": number(2, 9, 4),
    "mac": number(1, 4, 2),
    "tel": number(0.5, 1.5, 3),
    "stem_cell_factor": number(2, 4, 7),
    "chi": number(0, 30, 2),
    "cpr": one_of("yes", "no"),
    "dni": one_of("0", "1"),
    "nir": number(0, 1, 3),
    "mobile": one_of("yes", "no", "with help"),
    "phone_consent": one_of("yes", "no"),
    "email_known": one_of("1", "0"),
    "address_checked": one_of("yes", "no", "unknown"),
    "drug_name": one_of("Aspirin", "Metformin", "Ramipril", "Insulin Glargine", "Amlodipine"),
    "hospital_name": lambda rng, row: f"Saint {SYLLABLES[row % 12].capitalize()} Hospital",
    "site": lambda rng, row: f"{row % 9 + 1:02d}",
    "ward": one_of("Ward 3A", "Ward 4B", "ICU"),
    "region": one_of("North", "South", "East", "West"),
    "state": one_of("Ohio", "Utah", "Iowa", "Maine"),
    "country": one_of("Chile", "Ghana", "Japan", "Norway", "Peru"),
    "hospital_city": one_of("Vikten", "Saldor", "Fenlin", "Grahul", "Moros"),
    "city_type": one_of("Urban", "Rural", "Suburban"),
    "street_drugs": one_of("never", "former", "current", "unknown", "refused"),
    "zip3": of_digits(3),
    "postcode_area": one_of("AB1", "CD2", "EF10", "GH3"),
    "nombre": lambda rng, row: str(rng.integers(0, 9)),
    "diagnosis": lambda rng, row: f"{rng.choice(['Acute', 'Chronic'])} {surname(rng)} Disease",
    "cause": one_of("Lung Cancer", "Heart Failure", "Hip Fracture", "Sepsis, Acute"),
    "notes": lambda rng, row: (
        f"seen on day {rng.integers(1, 30)}, bp {rng.integers(95, 190)}/{rng.integers(50, 110)}, well"
    ),
    "letter": lambda rng, row: (
        f"dose {rng.integers(1, 900)}.5 mg on 2021-03-{row % 28 + 1:02d} at 12:30, again in {rng.integers(2, 40)} weeks"
    ),
    "admit_date": date_in(2019, 2024),
    "diagnosed": date_in(1990, 2024, "{2:02d}.{1:02d}.{0}"),
    "income": one_of("under $11k", "$11-$25k", "$25-$50k", ">$50k"),
    "ratio": lambda rng, row: f"{rng.integers(1, 9)}:{rng.integers(10, 99)}",
    "dose_form": lambda rng, row: f"B{rng.integers(1, 12)} {rng.integers(1, 9)}MG",
    "address_type": one_of("home", "nursing home", "street", "hospital"),
    "residence": one_of("own home", "nursing home", "sheltered flat", "homeless"),
    "name_of_operation": one_of("Hip Replacement", "Knee Replacement", "Hernia Repair"),
    "surname_match": one_of("0", "1"),
    "birth_country": one_of("Chile", "Ghana", "Japan"),
    "date_of_birth_known": one_of("y", "n"),
    "city_hospital": one_of("City", "Royal", "General", "Saint"),
    "county": number(1, 40),
    "village_health_worker": one_of("never", "once", "weekly", "daily"),
    "insurance": one_of("Medicare", "Medicaid", "Private", "None"),
    "medicare": one_of("yes", "no"),
    "sin": number(-1, 1, 4),
    "hcn": number(30, 50, 1),
    "plaque": one_of("calcified", "soft", "mixed", "none"),
    "plaque_area": number(5, 20, 2),
    "vin": one_of("oui", "non"),
    "tract": one_of("upper", "lower", "both"),
    "corticospinal_tract": one_of("intact", "partial lesion", "complete lesion"),
    "ort": one_of("links", "rechts", "beidseits", "unbekannt"),
    "initials": one_of("yes", "no", "na"),
    "username": one_of("nurse1", "nurse2", "doctor3"),
    "patient": lambda rng, row: f"P{row:03d}",
    "nom": one_of("Paracetamol", "Ibuprofen", "Aspirine", "Codeine"),
    "guardian": one_of("mother", "father", "other"),
    "next_of_kin": one_of("spouse", "child", "none"),
    "probe": lambda rng, row: f"{rng.integers(200_000, 230_000)}_at",
    "ensembl": lambda rng, row: f"ENSG{rng.integers(0, 10**6):011d}",
    "order_ref": lambda rng, row: f"{digits(rng, 6)}-{digits(rng, 4)}",
    "random_code": lambda rng, row: letters(rng, 10, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
    "series": lambda rng, row: f"{'ABCDEFG'[row % 7]}{digits(rng, 9)}",
    "mni": lambda rng, row: f"{rng.uniform(-70, 70):.3f}, {rng.uniform(-70, 70):.3f}",
    "three_times": lambda rng, row: "/".join(str(part) for part in rng.integers(60, 200, 3)),
    "medicine": one_of("Aspirin 3", "Ramipril 5", "Insulin 8"),
    "age_band": one_of("18-39", "40-64", "65-89"),
}
