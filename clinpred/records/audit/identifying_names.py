"""The names that columns of identifiers go by, in several languages: their words, as ``column_words`` gives them."""

EMAIL = "email, e mail, mail, emails, courriel, correo, correo electronico, emailadresse, e post, posta"
IP_ADDRESS = "ip, ip address, ipaddress, ip addr, ip adresse, adresse ip, direccion ip"
MAC_ADDRESS = "mac, mac address, mac addr, mac adresse, adresse mac"
URL = "url, uri, website, web site, web page, homepage, link, webseite, sitio web, page web"
PHONE = (
    "phone, phones, telephone, tel, mobile, mobile number, cellphone, fax, telefax, contact number, handy, mobil, "
    "telefon, telefonnummer, mobilnummer, handynummer, rufnummer, festnetz, portable, numero telephone, telefono, "
    "movil, celular, cellulare, telefone, telemovel, telefoon, mobiltelefon, telefonnr, pager, whatsapp"
)
SOCIAL_SECURITY = (
    "ssn, social security, social security number, social security no, social insurance, "
    "sozialversicherungsnummer, sozialversicherungsnr, sv nummer, svnr, rentenversicherungsnummer, securite "
    "sociale, numero secu, num secu, nir, nss, seguridad social, nuss, national insurance, ni number, ni no, "
    "nino, ahv, ahv nummer, avs"
)
NATIONAL_ID = (
    "national id, national identity, national number, identity number, identity card, id card, id card number, "
    "dni, nie, nif, nit, cpf, curp, rut, bsn, personnummer, personnr, cpr, cpr nummer, pesel, fodselsnummer, "
    "hetu, aadhaar, aadhar, codice fiscale, cedula, personalausweis, personalausweisnummer, ausweisnummer, carte "
    "identite, steuer id, steuernummer, tax id, tax number, tin, sin, emirates id, rijksregisternummer, "
    "burgerservicenummer"
)
PASSPORT = (
    "passport, passport number, passport no, reisepass, reisepassnummer, passeport, pasaporte, driver license, "
    "drivers license, driver licence, drivers licence, driving licence, driving license, license number, licence "
    "number, license no, licence no, fuhrerschein, fuhrerscheinnummer, permis conduire, permis de conduire, "
    "permiso conducir, certificate number, account number, account no, account id, bank account, kontonummer, "
    "iban, numero compte, numero cuenta, credit card, card number, kreditkarte, carte bancaire, tarjeta, tarjeta "
    "credito, acct, acct no, acct num, acct number"
)
RECORD = (
    "mrn, mrno, mr no, medical record, medical record number, medical record no, med rec, med rec no, health "
    "record number"
)
HEALTH_SERVICE = (
    "nhs, nhs number, nhs no, nhs id, chi, chi number, chi no, hc number, hcn, health card, health card number, "
    "health number, health insurance, health insurance number, insurance number, insurance no, insurance id, "
    "policy number, policy no, beneficiary, beneficiary id, beneficiary number, subscriber id, member number, "
    "medicare, medicare number, medicare no, medicaid, medicaid number, medicaid id, mbi, hicn, health plan "
    "number, versichertennummer, versicherten nr, versichertennr, versicherungsnummer, krankenversichertennummer, "
    "krankenkassennummer, kvnr, kv nummer, carte vitale, numero assure, tarjeta sanitaria, cip, tessera "
    "sanitaria, assurance maladie, numero securite, nummer krankenkasse"
)
HOSPITAL = (
    "hospital number, hospital no, hospital num, chart number, chart no, unit number, historia clinica, numero "
    "historia clinica, numero historia, nhc, numero dossier, numero dossier patient, ipp, krankenblattnummer, "
    "aktenzeichen, cartella clinica"
)
PLATE = (
    "license plate, licence plate, number plate, numberplate, plate number, vehicle registration, car "
    "registration, registration plate, vehicle id, kennzeichen, kfz kennzeichen, autokennzeichen, nummernschild, "
    "immatriculation, plaque, plaque immatriculation, plaque d immatriculation, matricula, matricula coche, "
    "targa, vin, placa"
)
DEVICE = (
    "serial number, serial no, serial nr, serial num, serial, device serial, device id, device identifier, imei, "
    "udi, implant id, implant number, pacemaker id, pacemaker serial, seriennummer, seriennr, geratenummer, "
    "numero serie, numero de serie, no serie, numero di serie"
)
BIRTH = (
    "dob, date of birth, birth date, birthdate, birthday, born, born on, geburtsdatum, geburtstag, geb datum, "
    "gebdat, geb, date naissance, date de naissance, ddn, naissance, ne le, fecha nacimiento, fecha de "
    "nacimiento, fec nac, nacimiento, data nascita, data di nascita, nascita, data nascimento, geboortedatum, "
    "fodelsedatum, fodselsdato, syntymaaika, bdate, birth dt, birthdt, date birth, bday"
)
ADDRESS = (
    "address, addr, address line, street address, home address, postal address, mailing address, adresse, "
    "anschrift, wohnadresse, postadresse, adresse postale, domicile, direccion, direccion postal, domicilio, "
    "indirizzo, endereco, adres, adress"
)
PERSON = (
    "surname, last name, lastname, lname, family name, familyname, first name, firstname, fname, forename, given "
    "name, given names, middle name, maiden name, full name, fullname, patient name, patientname, pat name, pt "
    "name, subject name, participant name, person name, client name, mother name, mothers name, father name, "
    "fathers name, spouse name, name patient, patient surname, name of patient, birth name, nachname, "
    "familienname, vorname, vornamen, geburtsname, rufname, patientenname, name des patienten, prenom, prenoms, "
    "nom famille, nom de famille, nom naissance, nom de naissance, nom patient, nom du patient, nom prenom, "
    "apellido, apellidos, primer apellido, segundo apellido, apellido 1, apellido 2, nombre paciente, nombre del "
    "paciente, nombre apellidos, nombre y apellidos, nombre completo, cognome, sobrenome, nome paziente, nome "
    "paciente, achternaam, voornaam, efternamn, fornamn, etternavn, fornavn, nickname, username, user name, name "
    "last, name first, pat last, pat first, pt last, pt first, last nm, first nm, patient last, patient first"
)
INITIALS = "initials, patient initials, initialen, iniciales, initiales, iniziali"
PERSON_PERHAPS = (
    "guardian, next of kin, nok, emergency contact, contact person, proband name, kin, physician name, doctor "
    "name, gp name, nurse name, surgeon name, arzt name, hausarzt, employer, arbeitgeber, employeur, contact, kontakt, "
    "kontaktperson, contacto, contatto, bezug, bezugsperson, angehoerige, angehörige, proche, familiar"
)
PERSON_PERHAPS_ALONE = (
    "name, names, nom, nome, nombre, naam, namn, navn, patient, pat, patients, subject, participant, client"
)
POSTCODE = (
    "postcode, post code, postal code, postalcode, postal, zip, zipcode, zip code, zips, plz, postleitzahl, code "
    "postal, codepostal, codigo postal, cod postal, cep, postnummer, postnr, postcode area, pincode, pin code, "
    "codice postale, home zip, eircode"
)
STREET = "street, street name, strasse, strassenname, rue, calle, straat, gata"
CITY = (
    "city, town, village, ville, stadt, wohnort, wohnstadt, ciudad, municipio, municipality, commune, gemeinde, "
    "comune, citta, cidade, localidad, localite, lieu de residence, woonplaats, suburb, borough, county, "
    "landkreis, neighborhood, neighbourhood, locality, geburtsort, lieu de naissance, lugar de nacimiento, "
    "kommune, kommun, hometown, home town"
)
CITY_ALONE = "ort"
COORDINATES = (
    "latitude, longitude, coordinates, coordinate, gps, gps lat, gps lon, gps latitude, gps longitude, geo lat, "
    "geo lon, geolocation, breitengrad, langengrad, latitud, longitud, latitudine, longitudine"
)
CENSUS = (
    "census tract, census block, tract, block group, lsoa, msoa, output area, fips, county fips, fips code, "
    "geoid, iris code, zcta"
)
# what is made unreadable names nobody
DISGUISED = "encrypted, hash, hashed, masked, md, pseudo, pseudonym, pseudonymised, pseudonymized, sha"
# not where a patient lives
PLACES_OF_CARE = (
    "center, centre, clinic, facility, hopital, hospital, hospitalaria, klinik, krankenhaus, lab, provider, "
    "school, site, trust, unit, ward"
)
# names of these are no person's
NOT_OF_PEOPLE = (
    "arm, assay, brand, center, centre, clinic, column, country, dataset, departement, department, device, "
    "diagnosis, disease, drug, event, examen, facility, field, file, form, gene, generic, group, hopital, "
    "hospital, hospitalaria, insurance, item, klinik, krankenhaus, lab, medicament, medicamento, medication, "
    "medicine, medikament, operation, organism, panel, payer, plan, procedure, product, protein, provider, "
    "region, scale, school, service, site, state, study, test, trial, trust, unit, variable, visit, ward"
)
# kinds and sizes of places, and what else is called after them
NOT_PLACES = "type, size, class, category, drug, drugs, urban, rural, health, worker, land, nursing, of, distance"
