#!/bin/busybox sh
# The guest's first program, in its initial ramdisk: the host's root by 9p, read-only, under a layer of memory; then the agent, or systemd.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
for module in $(cat /modules/order); do insmod "/modules/$module" || echo "guest: insmod $module failed"; done
set -e
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 host /host
mount -t tmpfs layer /layer
mkdir /layer/upper /layer/work
mount -t overlay root -o lowerdir=/host,upperdir=/layer/upper,workdir=/layer/work /root
# The guest is no container, even where the host is one.
rm -f /root/.dockerenv /root/run/.containerenv
# What the host's programs wrote for the host stays out of the guest's way.
mount -t tmpfs -o mode=755 run /root/run
mount -t tmpfs -o mode=1777 tmp /root/tmp
mkdir -p /root/run/guest /root/lib/modules
cp /guest-agent.sh /root/run/guest/agent.sh
# The layer below: seen from the new root the folder of modules lies on the host.
mount --bind "/host$(cat /modules/folder)" /root/lib/modules
checkout=$(cat /modules/checkout)
case "$checkout" in /tmp/* | /run/*) mkdir -p "/root$checkout" && mount --bind "/host$checkout" "/root$checkout" ;; esac
for place in proc sys dev; do mount --move "/$place" "/root/$place"; done
ifconfig lo 127.0.0.1 up
ifconfig eth0 10.0.2.15 up
route add default gw 10.0.2.2
echo "guest: userland at $(cut -d' ' -f1 /root/proc/uptime) s"
case "$(cat /root/proc/cmdline)" in
*guest.init=systemd*)
  mkdir -p /root/run/systemd/system/multi-user.target.wants
  cp /guest-agent.service /root/run/systemd/system/guest-agent.service
  ln -s ../guest-agent.service /root/run/systemd/system/multi-user.target.wants/guest-agent.service
  exec switch_root /root /lib/systemd/systemd
  ;;
*) exec switch_root /root /bin/bash /run/guest/agent.sh ;;
esac
