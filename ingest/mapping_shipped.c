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
    "    'Date et heure' \"Date et heure d'acces\" 'Horodatage' 'Date action'\n"
    "    \"Date de l'action\" 'Date evenement' \"Date de l'evenement\"\n"
    "    'Date consultation' 'Date de consultation' 'Date connexion' "
    "'DateHeure'\n"
    "    'Date trace' 'Date operation' 'Jour' 'Timestamp' 'Datetime';\n"
    "  hour column 'Heure' \"Heure d'acces\" 'Heure acces' 'Heure action'\n"
    "    \"Heure de l'action\" 'Heure evenement' 'Heure consultation'\n"
    "    'Heure de consultation' 'Time' 'Hms' optional;\n"
    "  professional column 'RPPS' 'Numero RPPS' 'N RPPS' 'Num RPPS' 'No RPPS'\n"
    "    'Id RPPS' 'Identifiant RPPS' 'Code RPPS' 'RPPS utilisateur' 'IdNat'\n"
    "    'IdNat PS' 'Identifiant national' 'Id national' 'RPPS ADELI' 'ADELI'\n"
    "    'Numero ADELI';\n"
    "  professional column 'Utilisateur' 'Login' 'Identifiant utilisateur'\n"
    "    'Id utilisateur' 'Code utilisateur' 'Compte' 'Compte utilisateur'\n"
    "    'Matricule agent' 'Agent' 'User' 'Username' 'User id' 'UserID'\n"
    "    'Operateur' 'Nom utilisateur' \"Nom d'utilisateur\" 'Professionnel'\n"
    "    'Praticien' 'Intervenant' 'Uid';\n"
    "  person column 'IPP' 'Numero IPP' 'N IPP' 'Num IPP' 'No IPP' 'IPP "
    "patient'\n"
    "    'Code IPP' 'Id patient' 'Identifiant patient' 'Numero patient'\n"
    "    'N patient' 'No patient' 'Num patient' 'Patient ID' 'PatientID'\n"
    "    'Identifiant permanent' 'Identifiant permanent patient' 'NIP' 'Num "
    "dossier patient'\n"
    "    'Id dossier patient';\n"
    "  person column 'INS' 'Matricule INS' 'INS NIR' 'Numero INS' 'N INS'\n"
    "    'Identite nationale de sante' 'NIR INS' 'NIR' 'NSS' 'Numero INS "
    "patient'\n"
    "    'Numero de securite sociale' 'INS patient'\n"
    "    system 'urn:oid:1.2.250.1.213.1.4.8' compact;\n"
    "  person column 'Dossier' 'Numero dossier' 'N dossier' 'No dossier'\n"
    "    'Num dossier' 'Numero de dossier' 'Id dossier' 'NDA' 'IEP' 'Numero "
    "sejour'\n"
    "    'N sejour' 'Venue';\n"
    "  session column 'Session' 'Id session' 'Identifiant session'\n"
    "    'Numero session' 'N session' 'Session id' 'SessionID' optional;\n"
    "  address column 'Adresse IP' 'IP' 'Adresse IP poste' 'IP poste' 'IP "
    "client'\n"
    "    'Adresse IP client' 'Adresse' 'Ip address' 'IP source' 'Adresse "
    "source'\n"
    "    'Adresse reseau' optional;\n"
    "  device column 'Poste' 'Poste de travail' 'Nom poste' 'Nom du poste'\n"
    "    'Station' 'Station de travail' 'Ordinateur' 'Machine' 'Terminal'\n"
    "    'Hostname' 'Workstation' 'Navigateur' 'User agent' optional;\n"
    "  service column 'Service' 'UF' 'Unite' 'Unite fonctionnelle' 'Pole'\n"
    "    'Application' 'Logiciel' 'Module' 'Etablissement' 'Site' 'FINESS'\n"
    "    'Code UF' optional;\n"
    "  record column 'Id' 'Id trace' 'Id evenement' 'Numero' 'N trace'\n"
    "    'Identifiant trace' 'Numero trace' optional;\n"
    "  action column 'Action' \"Type d'action\" 'Type action' 'Operation'\n"
    "    'Type operation' \"Type d'operation\" 'Evenement' 'Type evenement'\n"
    "    \"Type d'evenement\" \"Type d'acces\" 'Type acces' 'Acces' 'Nature'\n"
    "    'Fonction' 'Libelle action' 'Mode acces' optional {\n"
    "      refusal '*refus*' '*echec*' '*interdit*' '*denied*' '*failed*' "
    "'*failure*';\n"
    "      logout '*deconnexion*' 'logout*' '*logoff*' 'fermeture session'\n"
    "        'fermeture de session';\n"
    "      login 'connexion*' 'login*' '*authentification*' 'logon*' "
    "'ouverture session'\n"
    "        'ouverture de session';\n"
    "      search '*recherche*' 'search*' 'liste*' 'interrogation*';\n"
    "      export '*export*' '*impression*' 'imprim*' 'edition*' "
    "'extraction*'\n"
    "        'telecharg*' 'print*' 'download*' 'copie*';\n"
    "      create '*creation*' 'cree*' 'creer*' 'ajout*' 'saisie*' 'insert*' "
    "'create*'\n"
    "        'nouveau*' 'nouvelle*' 'enregistrement*' 'prescription*' 'C';\n"
    "      update '*modif*' '*mise a jour*' 'maj*' 'update*' 'validation*'\n"
    "        'signature*' 'ecriture*' 'U';\n"
    "      delete '*suppression*' 'supprim*' 'delete*' 'effacement*' "
    "'annulation*' 'D';\n"
    "      read '*consult*' '*lecture*' 'visualis*' 'affich*' 'acces*' "
    "'ouverture*'\n"
    "        'read*' 'view*' 'bris de glace*' 'R' 'L';\n"
    "  }\n"
    "  outcome column 'Resultat' 'Statut' 'Etat' 'Code retour' 'Succes' "
    "'Status'\n"
    "    'Resultat action' 'Autorise' 'Issue' optional {\n"
    "      refusal '*refus*' '*echec*' 'KO' '*interdit*' '*erreur*' 'non "
    "autoris*'\n"
    "        'Non' 'N' 'faux' 'false' '*denied*' '*fail*' '*error*' '401' "
    "'403' '404'\n"
    "        '500';\n"
    "      default access;\n"
    "  }\n"
    "  resource column 'Type de donnee' 'Type donnee' 'Objet' 'Type objet'\n"
    "    'Type document' 'Type de document' 'Ressource' 'Domaine' 'Ecran'\n"
    "    'Rubrique' 'Onglet' optional {\n"
    "      Patient '*identit*' '*etat civil*' 'administratif*' "
    "'*signaletique*' 'patient';\n"
    "      Appointment '*rendez-vous*' 'RDV*' '*agenda*' '*planning*';\n"
    "      Encounter '*sejour*' '*venue*' '*mouvement*' '*hospitalisation*';\n"
    "      Coverage '*couverture*' '*mutuelle*' '*droits*' '*facturation*';\n"
    "      MedicationRequest '*prescription*' '*ordonnance*' '*medicament*';\n"
    "      Observation '*biologie*' '*labo*' '*constante*' '*resultat*' "
    "'*mesure*';\n"
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
