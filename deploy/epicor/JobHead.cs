// Data directive on JobHead, in-transaction: a job came to the floor, changed there, or closed.
// Usings: System, System.Linq, Newtonsoft.Json. It writes one row into UD40 and speaks to nobody.

foreach (var row in ttJobHead.Where(r => r.Added() || r.Updated()))
{
    var before = ttJobHead.FirstOrDefault(r => r.Unchanged() && r.SysRowID == row.SysRowID);
    var closed = row.JobClosed && (before == null || !before.JobClosed);
    var released = row.JobReleased && (before == null || !before.JobReleased);
    // QtyCompleted changes all day and is not told: Jobline counts at the machine.
    var changed = before != null && row.JobReleased
        && (before.PartNum != row.PartNum || before.ProdQty != row.ProdQty || before.Plant != row.Plant);
    if (!closed && !released && !changed)
    {
        continue;
    }

    var told = new Ice.Tables.UD40
    {
        Company = Session.CompanyID,
        Key1 = Guid.NewGuid().ToString(),
        Key2 = "Jobline",
        Key3 = "",
        Key4 = "",
        Key5 = "",
        ShortChar01 = closed ? "epicor.job.closed" : "epicor.job.changed",
        ShortChar02 = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ"),
        Character01 = JsonConvert.SerializeObject(new { row.Company, row.Plant, row.JobNum })
    };
    Db.UD40.Insert(told);
    Db.Validate();
}
