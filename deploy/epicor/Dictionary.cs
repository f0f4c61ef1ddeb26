// Data directive on Indirect and, once more, on Reason (there with ttReason), in-transaction: the dictionary changed.
// Usings: System, System.Linq, Newtonsoft.Json. It writes one row into UD40 and speaks to nobody.
// The event carries no row: Jobline reads the dictionary again, in which a deleted code is missing.

if (ttIndirect.Any(r => r.Added() || r.Updated() || r.Deleted()))
{
    var told = new Ice.Tables.UD40
    {
        Company = Session.CompanyID,
        Key1 = Guid.NewGuid().ToString(),
        Key2 = "Jobline",
        Key3 = "",
        Key4 = "",
        Key5 = "",
        ShortChar01 = "epicor.dictionary.changed",
        ShortChar02 = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ"),
        Character01 = JsonConvert.SerializeObject(new { Company = Session.CompanyID, Plant = Session.PlantID })
    };
    Db.UD40.Insert(told);
    Db.Validate();
}
