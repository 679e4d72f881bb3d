namespace SmsCrm.Server.Local;

/// <summary>Asks again until a server answers, within a deadline.</summary>
internal static class ReadyCheck
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Calls <paramref name="probe"/> until it returns null (ready). What it returns or throws otherwise is the reason
    /// why not, and stands in the error.
    /// </summary>
    /// <exception cref="LocalServerException">Not ready within <paramref name="deadline"/>.</exception>
    public static async Task WaitAsync(
        string name, TimeSpan deadline, Func<CancellationToken, Task<string?>> probe, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            string? reason;
            Exception? cause = null;
            try
            {
                reason = await probe(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not LocalServerException && !cancellationToken.IsCancellationRequested)
            {
                (reason, cause) = (e.Message, e);
            }

            if (reason is null)
            {
                return;
            }

            if (TimeProvider.System.GetElapsedTime(started) > deadline)
            {
                throw new LocalServerException($"{name} was not ready within {deadline.TotalSeconds:0} s: {reason}", cause);
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks the child's own address until nothing is said against its being ready.</summary>
    /// <param name="objection">What an answer says against it; null: nothing.</param>
    /// <exception cref="LocalServerException">It ended, or was not ready within <paramref name="deadline"/>.</exception>
    public static async Task WaitForAnswerAsync(
        string name,
        ChildProcess child,
        Uri address,
        TimeSpan deadline,
        Func<HttpResponseMessage, CancellationToken, Task<string?>> objection,
        CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = AnswerTimeout };
        await WaitAsync(
            name,
            deadline,
            async token =>
            {
                child.RequireRunning();
                using var answer = await http.GetAsync(address, token).ConfigureAwait(false);
                return await objection(answer, token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }
}
