// Data directive on LaborDtl, in-transaction: work on an operation started or ended.
// Usings: System, System.Linq, Newtonsoft.Json. It writes one row into UD40 and speaks to nobody.
// Time that is typed in afterwards, corrections and deletions have no event: Jobline's looks find them.

Func<string, object, bool> tell = (type, data) =>
{
    var told = new Ice.Tables.UD40
    {
        Company = Session.CompanyID,
        Key1 = Guid.NewGuid().ToString(),
        Key2 = "Jobline",
        Key3 = "",
        Key4 = "",
        Key5 = "",
        ShortChar01 = type,
        ShortChar02 = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ"),
        Character01 = JsonConvert.SerializeObject(data)
    };
    Db.UD40.Insert(told);
    Db.Validate();
    return true;
};

foreach (var row in ttLaborDtl.Where(r => r.Added() || r.Updated()))
{
    if (row.LaborType != "P" && row.LaborType != "S")
    {
        continue;
    }

    // The row as it was before this save comes beside it, unchanged.
    var before = ttLaborDtl.FirstOrDefault(r => r.Unchanged() && r.SysRowID == row.SysRowID);
    var started = row.Added() && row.ActiveTrans;
    var ended = before != null && before.ActiveTrans && !row.ActiveTrans;
    if (!started && !ended)
    {
        continue;
    }

    var plant = Db.JobHead
        .Where(j => j.Company == row.Company && j.JobNum == row.JobNum)
        .Select(j => j.Plant)
        .FirstOrDefault();

    tell(started ? "epicor.operation.started" : "epicor.operation.ended", new
    {
        row.Company,
        Plant = plant ?? Session.PlantID,
        row.JobNum,
        row.AssemblySeq,
        row.OprSeq,
        row.LaborHedSeq,
        row.LaborDtlSeq,
        row.LaborType,
        row.ResourceGrpID,
        row.ResourceID,
        row.EmployeeNum,
        // 0 until the database has given one; Jobline takes none for the least.
        SysRevID = row.SysRevID > 0 ? (long?)row.SysRevID : null
    });
}
