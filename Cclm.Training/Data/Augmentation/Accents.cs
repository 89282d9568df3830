namespace Cclm.Training.Data;

/// <summary>Letters with accents, and what is left of them where they can not be typed.</summary>
/// <remarks>
/// The Cyrillic й, ї and ў are letters of their own, which nobody writes without; Latin letters with a stroke and the dotless ı have no
/// accent by Unicode, but are written without where they can not be typed. <see cref="string.Normalize()"/> is not used: it does nothing
/// in applications without ICU.
/// </remarks>
static class Accents
{
    const char FirstMark = '\u0300', LastMark = '\u036f', LastLetter = '\u1fff';

    /// <summary>A letter, then those that are written like it with accents.</summary>
    static readonly string[] Families =
    [
        "aàáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ", "bḃḅḇ", "cçćĉċčḉ", "dďđḋḍḏḑḓ", "eèéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ", "fḟ", "gĝğġģǧǵḡ",
        "hĥħȟḣḥḧḩḫẖ", "iìíîïĩīĭįıǐȉȋḭḯỉị", "Iİ", "jĵǰ", "kķǩḱḳḵ", "lĺļľłḷḹḻḽ", "mḿṁṃ", "nñńņňǹṅṇṉṋ",
        "oòóôõöøōŏőơǒǫǭǿȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợ", "pṕṗ", "rŕŗřȑȓṙṛṝṟ", "sśŝşšșṡṣṥṧṩ", "tţťŧțṫṭṯṱẗ",
        "uùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự", "vṽṿ", "wŵẁẃẅẇẉẘ", "xẋẍ", "yýÿŷȳẏẙỳỵỷỹ", "zźżžẑẓẕ", "æǣǽ", "ʒǯ",
        "αάἀἁἂἃἄἅἆἇὰᾀᾁᾂᾃᾄᾅᾆᾇᾰᾱᾲᾳᾴᾶᾷ", "εέἐἑἒἓἔἕὲ", "ηήἠἡἢἣἤἥἦἧὴᾐᾑᾒᾓᾔᾕᾖᾗῂῃῄῆῇ", "ιΐίϊἰἱἲἳἴἵἶἷὶῐῑῒῖῗ", "οόὀὁὂὃὄὅὸ", "ρῤῥ",
        "υΰϋύὐὑὒὓὔὕὖὗὺῠῡῢῦῧ", "ωώὠὡὢὣὤὥὦὧὼᾠᾡᾢᾣᾤᾥᾦᾧῲῳῴῶῷ",
        "аӑӓ", "гѓ", "еѐёӗ", "жӂӝ", "зӟ", "иѝӣӥ", "кќ", "оӧ", "уӯӱӳ", "чӵ", "ыӹ", "эӭ", "ѵѷ", "әӛ", "өӫ",
        // The acute of Greek, which Unicode has a second time.
        "α\u1f71", "ε\u1f73", "η\u1f75", "ι\u1f77\u1fd3", "ο\u1f79", "υ\u1f7b\u1fe3", "ω\u1f7d",
    ];

    /// <summary>What each letter is without its accents; 0 where it has none.</summary>
    static readonly char[] Plain = Table();

    /// <summary>Takes the accents off a word.</summary>
    public static bool Strip(ref TextEdit edit, int begin, int end, Random random)
    {
        var changed = false;
        for (var at = begin; at < end; at++)
        {
            var unit = edit.Text[at];
            if (unit is >= FirstMark and <= LastMark)
            {
                edit.Replace(at, at + 1, []);
                changed = true;
            }
            else if (PlainOf(unit) is var plain && plain != unit)
            {
                edit.Replace(at, at + 1, [plain]);
                changed = true;
            }
        }
        return changed;
    }

    /// <summary>A letter without its accents.</summary>
    internal static char PlainOf(char letter) => letter < Plain.Length && Plain[letter] is not '\0' and var plain ? plain : letter;

    static char[] Table()
    {
        var plain = new char[LastLetter + 1];
        foreach (var family in Families)
        {
            foreach (var letter in family.AsSpan(1))
            {
                plain[letter] = family[0];
                if (char.ToUpperInvariant(letter) is var upper && upper != letter)
                {
                    plain[upper] = char.ToUpperInvariant(family[0]);
                }
            }
        }
        return plain;
    }
}
