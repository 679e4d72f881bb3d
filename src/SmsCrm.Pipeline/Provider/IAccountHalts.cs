namespace SmsCrm.Pipeline.Provider;

/// <summary>Stops an account for every process, until an operator lets it go on. The accounts are the management's to write, so it is behind this.</summary>
public interface IAccountHalts
{
    /// <param name="reason">What the provider said, 1 to 500 characters.</param>
    /// <returns>False: it was halted already, or is gone.</returns>
    Task<bool> HaltAsync(Guid account, string reason, CancellationToken cancellation);
}
