using System.Collections.Concurrent;

namespace SmsCrm.Crm.Access;

/// <summary>Keys that were revoked while this process ran. It only grows, by 16 bytes a revocation: a stream may hold a key for weeks.</summary>
internal sealed class RevokedKeys
{
    private readonly ConcurrentDictionary<Guid, bool> _ids = new();

    public bool Contains(Guid key) => !_ids.IsEmpty && _ids.ContainsKey(key);

    public void Add(Guid key) => _ids[key] = true;
}
