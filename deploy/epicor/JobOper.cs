// Data directive on JobOper, in-transaction: an operation completed, or its standard changed.
// Usings: System, System.Linq, Newtonsoft.Json. It writes one row into UD40 and speaks to nobody.

foreach (var row in ttJobOper.Where(r => r.Updated()))
{
    var before = ttJobOper.FirstOrDefault(r => r.Unchanged() && r.SysRowID == row.SysRowID);
    if (before == null)
    {
        continue;
    }

    var completed = !before.OpComplete && row.OpComplete;
    var changed = before.ProdStandard != row.ProdStandard || before.StdFormat != row.StdFormat
        || before.StdBasis != row.StdBasis || before.OpsPerPart != row.OpsPerPart || before.RunQty != row.RunQty;
    if (!completed && !changed)
    {
        continue;
    }

    var plant = Db.JobHead
        .Where(j => j.Company == row.Company && j.JobNum == row.JobNum)
        .Select(j => j.Plant)
        .FirstOrDefault();

    var told = new Ice.Tables.UD40
    {
        Company = Session.CompanyID,
        Key1 = Guid.NewGuid().ToString(),
        Key2 = "Jobline",
        Key3 = "",
        Key4 = "",
        Key5 = "",
        // A changed standard carries no row: Jobline reads the job again.
        ShortChar01 = completed ? "epicor.operation.completed" : "epicor.job.changed",
        ShortChar02 = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ"),
        Character01 = JsonConvert.SerializeObject(new
        {
            row.Company,
            Plant = plant ?? Session.PlantID,
            row.JobNum,
            row.AssemblySeq,
            row.OprSeq
        })
    };
    Db.UD40.Insert(told);
    Db.Validate();
}
