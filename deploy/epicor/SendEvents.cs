// Function Jobline.SendEvents, scheduled, one run at a time: sends what waits in UD40, in order, and marks it.
// Request: url (string), key (string), both from the schedule or the library's own settings. Response: sent (int), said (string).
// Usings: System, System.Collections.Generic, System.Linq, System.Net.Http, System.Text, Newtonsoft.Json, Newtonsoft.Json.Linq.

const int Batch = 50;
sent = 0;
said = "nothing waits";

using (var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) })
{
    http.DefaultRequestHeaders.Add("Authorization", "Bearer " + key);
    while (true)
    {
        int status;
        using (var scope = IceContext.CreateDefaultTransactionScope())
        {
            var waiting = Db.UD40.With(LockHint.UpdLock)
                .Where(r => r.Company == Session.CompanyID && r.Key2 == "Jobline" && !r.CheckBox01 && !r.CheckBox02)
                .OrderBy(r => r.ShortChar02)
                .Take(Batch)
                .ToList();
            if (waiting.Count == 0)
            {
                return;
            }

            // After a refused batch its events go one by one, until the one that was meant is set aside.
            if (waiting[0].ShortChar03 == "alone")
            {
                waiting = waiting.Take(1).ToList();
            }

            // A number is given once and kept: the same event is sent with the same number for ever.
            var last = Db.UD40
                .Where(r => r.Company == Session.CompanyID && r.Key2 == "Jobline")
                .Max(r => (decimal?)r.Number01) ?? 0m;
            foreach (var row in waiting)
            {
                if (row.Number01 == 0)
                {
                    row.Number01 = ++last;
                }
                row.Number02 += 1;
            }

            Db.Validate();

            var events = waiting.Select(row => new
            {
                specversion = "1.0",
                id = row.Key1,
                source = "/epicor/" + Session.CompanyID,
                type = row.ShortChar01,
                time = row.ShortChar02,
                sequence = ((long)row.Number01).ToString(),
                datacontenttype = "application/json",
                data = JObject.Parse(row.Character01)
            });
            var body = new StringContent(JsonConvert.SerializeObject(events), Encoding.UTF8);
            body.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/cloudevents-batch+json");

            try
            {
                var answer = http.PostAsync(url, body).GetAwaiter().GetResult();
                status = (int)answer.StatusCode;
                said = status + " " + answer.Content.ReadAsStringAsync().GetAwaiter().GetResult();
            }
            catch (Exception problem)
            {
                // Not reached: everything stays as it is, and the next run tries again.
                status = 0;
                said = problem.GetBaseException().Message;
            }

            foreach (var row in waiting)
            {
                row.CheckBox01 = status == 202;
                // 400, 403 and 413 do not get better by themselves. One bad event refuses its whole batch.
                var refused = status == 400 || status == 403 || status == 413;
                row.CheckBox02 = refused && waiting.Count == 1;
                row.ShortChar03 = refused ? "alone" : row.ShortChar03;
                row.Character02 = said;
            }

            Db.Validate();
            scope.Complete();
            sent += status == 202 ? waiting.Count : 0;
        }

        if (status != 202 && status != 400 && status != 403 && status != 413)
        {
            // 401, 429, 503 or nobody there: wait for the next run. Jobline's own looks go on meanwhile.
            return;
        }
    }
}
