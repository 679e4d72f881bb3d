using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Server.Endpoints.Reports;

/// <summary>How many answers that last a tenant has at once, and all tenants together.</summary>
internal sealed class TenantSlots(int perTenant, int inAll)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TenantId, int> _taken = [];
    private int _all;

    public bool TryTake(TenantId tenant)
    {
        lock (_lock)
        {
            var taken = _taken.GetValueOrDefault(tenant);
            if (taken >= perTenant || _all >= inAll)
            {
                return false;
            }

            _taken[tenant] = taken + 1;
            _all++;
            return true;
        }
    }

    public void Return(TenantId tenant)
    {
        lock (_lock)
        {
            _all--;
            if (--_taken[tenant] == 0)
            {
                _taken.Remove(tenant);
            }
        }
    }
}
