package privacy

var words = map[string]map[string]string{
	"nl": {
		"title": "Verstrekkingen en rechten", "source": "Het grootboek en het register van rechten van Peil",
		"head": "%d aantekeningen, hoofd %s. Bewaar dit hoofd elders: wie het heeft, ziet later of het einde is afgeknipt.", "fault": "FOUT:",
		"deliveries.n": "verstrekkingen", "sent": "verstuurd", "by hand": "met de hand ingevoerd", "untold": "ontvangers nog in te lichten", "faults": "fouten in het grootboek",
		"deliveries": "Wat aan wie is gegeven", "deliveries.def": "Een regel per verstrekking: door Peil verstuurd, of met de hand ingevoerd. Personen: in het ledenbestand.",
		"rights": "Rechten van leden", "rights.def": "Aantal leden dat een recht uitoefent; wie, staat alleen onder een code in het register.",
		"decisions": "Besluiten en ingrepen", "decisions.def": "Geaccepteerde controles, bestanden in klare tekst, opgeruimde gegevens, sleutelwisselingen.",
		"entries": "Alle aantekeningen", "entries.def": "Elke aantekening bevat de hash van de vorige en een code onder de sleutel van de bibliotheek.",
		"at": "Tijdstip (UTC)", "recipient": "Ontvanger", "what": "Wat", "persons": "Personen", "basis": "Grondslag", "agreement": "Overeenkomst", "assessment": "Effectbeoordeling",
		"approved": "Akkoord van", "result": "Uitkomst", "right": "Recht", "n": "Van kracht", "lifted": "Opgeheven", "kind": "Soort", "by": "Door", "who": "Volgens de machine", "reason": "Reden", "seq": "Nr.",
		"result.sent": "verstuurd", "result.failed": "mislukt", "result.unknown": "onbekend", "failed": "mislukt", "plaintext": "klare tekst", "acceptance": "controle geaccepteerd", "approval": "akkoord", "sending": "begin van verzending",
		"disclosure": "verstrekking buiten Peil", "purge": "opruimen", "key": "sleutelwisseling",
		"objection": "bezwaar", "restriction": "beperking", "erasure": "wissen", "rectification": "verbetering",
	},
	"en": {
		"title": "Disclosures and rights", "source": "The ledger and the register of rights of Peil",
		"head": "%d entries, head %s. Keep this head elsewhere: whoever has it can later see whether the end was cut off.", "fault": "FAULT:",
		"deliveries.n": "disclosures", "sent": "sent", "by hand": "entered by hand", "untold": "recipients to be told", "faults": "faults in the ledger",
		"deliveries": "What was given to whom", "deliveries.def": "A row a disclosure: sent by Peil, or entered by hand. Persons: in the member file.",
		"rights": "Rights of members", "rights.def": "Members who exercise a right; who they are stands in the register under a code only.",
		"decisions": "Decisions and interventions", "decisions.def": "Checks that were accepted, files in clear, data purged, keys changed.",
		"entries": "All entries", "entries.def": "Every entry holds the hash of the one before it, and a code under the library's key.",
		"at": "Time (UTC)", "recipient": "Recipient", "what": "What", "persons": "Persons", "basis": "Legal basis", "agreement": "Agreement", "assessment": "Impact assessment",
		"approved": "Approved by", "result": "Result", "right": "Right", "n": "In force", "lifted": "Lifted", "kind": "Kind", "by": "By", "who": "As the machine knows them", "reason": "Reason", "seq": "No.",
		"result.sent": "sent", "result.failed": "failed", "result.unknown": "unknown", "failed": "failed", "plaintext": "in clear", "acceptance": "check accepted", "approval": "approval", "sending": "sending begins",
		"disclosure": "disclosure outside Peil", "purge": "purge", "key": "change of key",
		"objection": "objection", "restriction": "restriction", "erasure": "erasure", "rectification": "rectification",
	},
}
