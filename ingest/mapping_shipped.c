/* SPDX-License-Identifier: EUPL-1.2 */
/*
 * The mappings that come with the program, in the syntax of --map files and
 * parsed like them. docs/mapping.md tells what each is for.
 */
#include "ingest/mapping_rules.h"

/* A hospital's export of accesses: whatever the columns are called. Names of
 * patients are in no directive: they are no key, and are not read. */
static const char hospital_csv[] =
    "table hospital-csv {\n"
    "  format csv;\n"
    "  date column 'Date' \"Date acces\" \"Date d'acces\" 'Date heure'\n"
    "    'Date et heure' \"Date et heure d'acces\" 'Date heure acces'\n"
    "    'Horodatage' 'Date action' \"Date de l'action\" 'Date heure action'\n"
    "    \"Date et heure de l'action\" 'Date et heure action'\n"
    "    'Date evenement' \"Date de l'evenement\" 'Date heure evenement'\n"
    "    'Date consultation' 'Date de consultation' 'Date connexion'\n"
    "    'Date de connexion' 'Date et heure de connexion' 'DateHeure'\n"
    "    \"Date d'acces au dossier\" 'Date trace' 'Date operation' 'Date log'\n"
    "    'Jour' 'Timestamp' 'Datetime' 'Date time' 'Event time';\n"
    "  hour column 'Heure' \"Heure d'acces\" 'Heure acces' 'Heure action'\n"
    "    \"Heure de l'action\" 'Heure evenement' 'Heure consultation'\n"
    "    'Heure de consultation' 'Heure connexion' 'Heure de connexion' "
    "'Time'\n"
    "    'Hms' optional;\n"
    "  professional column 'RPPS' 'Numero RPPS' 'N RPPS' 'Num RPPS' 'No RPPS'\n"
    "    'Id RPPS' 'Identifiant RPPS' 'Code RPPS' 'RPPS utilisateur' 'IdNat'\n"
    "    'IdNat PS' 'Identifiant national' 'Id national' 'RPPS ADELI' 'ADELI'\n"
    "    'Numero ADELI';\n"
    "  professional column 'Utilisateur' 'Login' 'Identifiant utilisateur'\n"
    "    'Id utilisateur' 'Code utilisateur' 'Login utilisateur' 'Compte'\n"
    "    'Compte utilisateur' 'Utilisateur connecte' 'Matricule agent' "
    "'Agent'\n"
    "    'Code agent' 'Id agent' 'User' 'Username' 'User id' 'UserID' 'Id "
    "user'\n"
    "    'Operateur' 'Nom utilisateur' \"Nom d'utilisateur\" 'Professionnel'\n"
    "    'Praticien' 'Intervenant' 'Soignant' 'Acteur' 'Auteur' 'Medecin'\n"
    "    'Uid';\n"
    "  person column 'IPP' 'Numero IPP' 'N IPP' 'Num IPP' 'No IPP'\n"
    "    'IPP patient' 'IPP du patient' 'Code IPP' 'Id patient'\n"
    "    'Identifiant patient' 'Identifiant du patient' 'Numero patient'\n"
    "    'N patient' 'No patient' 'Num patient' 'Patient ID' 'PatientID'\n"
    "    'Identifiant permanent' 'Identifiant permanent patient' 'NIP'\n"
    "    'Numero permanent' 'Num dossier patient' 'Numero dossier patient'\n"
    "    'Id dossier patient';\n"
    "  person column 'INS' 'Matricule INS' 'INS NIR' 'Numero INS' 'N INS'\n"
    "    'Identite nationale de sante' 'NIR INS' 'NIR' 'NSS'\n"
    "    'Numero INS patient' 'Numero de securite sociale' 'INS patient'\n"
    "    system 'urn:oid:1.2.250.1.213.1.4.8' compact;\n"
    "  person column 'Dossier' 'Numero dossier' 'N dossier' 'No dossier'\n"
    "    'Num dossier' 'Numero de dossier' 'Id dossier' 'NDA' 'IEP'\n"
    "    'Numero sejour' 'N sejour' 'Venue';\n"
    "  session column 'Session' 'Id session' 'Identifiant session'\n"
    "    'Numero session' 'N session' 'Session id' 'SessionID' optional;\n"
    "  address column 'Adresse IP' 'IP' 'Adresse IP poste' 'IP poste'\n"
    "    'IP client' 'Adresse IP client' 'Adresse' 'Ip address' 'IP source'\n"
    "    'Adresse source' 'Adresse reseau' optional;\n"
    "  device column 'Poste' 'Poste de travail' 'Nom poste' 'Nom du poste'\n"
    "    'Station' 'Station de travail' 'Ordinateur' 'Machine' 'Terminal'\n"
    "    'Hostname' 'Workstation' 'Navigateur' 'User agent' optional;\n"
    "  service column 'Service' 'UF' 'Unite' 'Unite fonctionnelle' 'Pole'\n"
    "    'Application' 'Logiciel' 'Module' 'Etablissement' 'Site' 'FINESS'\n"
    "    'Code UF' optional;\n"
    "  record column 'Id trace' 'Id evenement' 'N trace' 'Identifiant trace'\n"
    "    'Numero trace' optional;\n"
    "  emergency column 'Motif' \"Motif d'acces\" 'Motif acces' 'Mode acces'\n"
    "    \"Mode d'acces\" 'Type acces' \"Type d'acces\" 'Acces' 'Action'\n"
    "    optional is '*bris de glace*' '*acces urgence*' '*mode urgence*'\n"
    "    \"*acces en urgence*\";\n"
    "  action column 'Action' \"Type d'action\" 'Type action' 'Operation'\n"
    "    'Type operation' \"Type d'operation\" 'Evenement' 'Type evenement'\n"
    "    \"Type d'evenement\" \"Type d'acces\" 'Type acces' 'Acces' 'Nature'\n"
    "    'Fonction' 'Libelle action' 'Mode acces' optional {\n"
    "      refusal '*refus*' '*echec*' '*interdit*' '*denied*' '*failed*'\n"
    "        '*failure*';\n"
    "      logout '*deconnexion*' 'logout*' '*logoff*' 'fermeture session'\n"
    "        'fermeture de session';\n"
    "      login 'connexion*' 'login*' '*authentification*' 'logon*'\n"
    "        'ouverture session' 'ouverture de session';\n"
    "      search '*recherche*' 'search*' 'liste*' 'interrogation*';\n"
    "      export '*export*' '*impression*' 'imprim*' 'edition*'\n"
    "        'extraction*' 'telecharg*' 'print*' 'download*' 'copie*';\n"
    "      create '*creation*' 'cree*' 'creer*' 'ajout*' 'saisie*' 'insert*'\n"
    "        'create*' 'nouveau*' 'nouvelle*' 'enregistrement*'\n"
    "        'prescription*';\n"
    "      update '*modif*' '*mise a jour*' 'maj*' 'update*' 'validation*'\n"
    "        'signature*' 'ecriture*';\n"
    "      delete '*suppression*' 'supprim*' 'delete*' 'effacement*'\n"
    "        'annulation*';\n"
    "      read '*consult*' '*lecture*' 'visualis*' 'affich*' 'acces*'\n"
    "        'ouverture*' 'read*' 'view*' 'bris de glace*';\n"
    "  }\n"
    "  outcome column 'Succes' 'Autorise' 'Reussi' 'Success' optional {\n"
    "      refusal 'Non' 'N' 'faux' 'false' 'no' '0' '*refus*' '*echec*';\n"
    "      default access;\n"
    "  }\n"
    "  outcome column 'Resultat' 'Statut' 'Etat' 'Code retour' 'Status'\n"
    "    'Resultat action' 'Issue' optional {\n"
    "      refusal '*refus*' '*echec*' 'KO' '*interdit*' '*erreur*'\n"
    "        'non autoris*' '*denied*' '*fail*' '*error*' '401' '403' '404'\n"
    "        '500';\n"
    "      default access;\n"
    "  }\n"
    "  resource column 'Type de donnee' 'Type donnee' 'Objet' 'Type objet'\n"
    "    'Type document' 'Type de document' 'Ressource' 'Domaine' 'Ecran'\n"
    "    'Rubrique' 'Onglet' optional {\n"
    "      Patient '*identit*' '*etat civil*' 'administratif*'\n"
    "        '*signaletique*' 'patient';\n"
    "      Appointment '*rendez-vous*' 'RDV*' '*agenda*' '*planning*';\n"
    "      Encounter '*sejour*' '*venue*' '*mouvement*' '*hospitalisation*';\n"
    "      Coverage '*couverture*' '*mutuelle*' '*droits*' '*facturation*';\n"
    "      MedicationRequest '*prescription*' '*ordonnance*' '*medicament*';\n"
    "      Observation '*biologie*' '*labo*' '*constante*' '*resultat*'\n"
    "        '*mesure*';\n"
    "      DiagnosticReport '*compte rendu*' '*imagerie*' '*radio*' 'CR*';\n"
    "      AllergyIntolerance '*allergie*';\n"
    "      Immunization '*vaccin*';\n"
    "      DocumentReference '*document*' '*courrier*' '*lettre*';\n"
    "  }\n"
    "}\n";

static const char access_log[] = "table access-log {\n"
                                 "  format combined;\n"
                                 "  time field time;\n"
                                 "  professional field user;\n"
                                 "  address field address;\n"
                                 "  device field agent;\n"
                                 "  service field host optional;\n"
                                 "  person url fhir;\n"
                                 "}\n";

/* The example proxy of the ANS before Pro Sante Connect APIs. */
static const char ans_proxy[] =
    "table ans-proxy {\n"
    "  format json;\n"
    "  match path IdRPPS;\n"
    "  match path proxy_id_session;\n"
    "  match path type is 'connect*' 'disconnect*' 'send*';\n"
    "  time path timestamp;\n"
    "  professional path IdRPPS;\n"
    "  session path session_state;\n"
    "  session path proxy_id_session;\n"
    "  address path ipAddress;\n"
    "  source path clientId;\n"
    "  device path dn;\n"
    "  service path apiRequest.nomApiPsc;\n"
    "  method path apiRequest.methode;\n"
    "  action path type {\n"
    "    refusal 'connect_failure';\n"
    "    logout 'disconnect*';\n"
    "    login 'connect*';\n"
    "    read 'send*';\n"
    "  }\n"
    "  url path apiRequest.path;\n"
    "  url path apiRequest;\n"
    "  person url fhir;\n"
    "}\n";

static const char *const shipped[] = {hospital_csv, access_log, ans_proxy};
#define SHIPPED_COUNT (sizeof(shipped) / sizeof(shipped[0]))

enum result
mapping_shipped(struct mapping **ret_mappings, size_t room, size_t *ret_count)
{
    size_t made = 0;
    enum result result = room < SHIPPED_COUNT ? E_LIMIT : OK;

    while (result == OK && made < SHIPPED_COUNT) {
        result = mapping_parse(text_of(shipped[made]), "shipped", NULL,
                               &ret_mappings[made]);
        if (result == OK) {
            ret_mappings[made++]->shipped = true;
        }
    }
    if (result != OK) {
        while (made > 0) {
            mapping_free(ret_mappings[--made]);
        }
        return result;
    }
    *ret_count = made;
    return OK;
}
